package dev.purekv.it;

import static dev.purekv.it.GrpcRequests.isFinal;
import static dev.purekv.it.GrpcRequests.longQuestion;
import static dev.purekv.it.GrpcRequests.question;
import static dev.purekv.it.GrpcRequests.stage;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GrpcService.*;
import inference.ModelConfigOuterClass.ModelConfig;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The gRPC door of the server as it is delivered, with its own models. */
class GrpcIT {
    private static RunningServer server;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(Path.of("model-repository"));
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .maxInboundMessageSize(1 << 30)
                .build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
    }

    private static GRPCInferenceServiceBlockingStub client() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(2, TimeUnit.MINUTES);
    }

    private static GrpcStream open(boolean reads) {
        GrpcStream stream = new GrpcStream(reads);
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream);
        return stream;
    }

    private static Status refusal(ModelInferRequest request) {
        try {
            client().modelInfer(request);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Test
    void tellsWhatItServes() {
        assertThat(client().serverLive(ServerLiveRequest.getDefaultInstance()).getLive())
                .isTrue();
        assertThat(client().serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getName())
                .isEqualTo("triton");
        ModelConfig config = client().modelConfig(
                        ModelConfigRequest.newBuilder().setName("moving-digits").build())
                .getConfig();
        assertThat(config.getBackend()).isEqualTo("purekv");
        assertThat(config.getModelTransactionPolicy().getDecoupled()).isTrue();
        assertThat(config.getInputList())
                .filteredOn(input -> input.getName().equals("video"))
                .singleElement()
                .satisfies(input -> assertThat(input.getOptional()).isTrue());
        assertThat(client().modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName("kv_compression")
                                .build())
                        .getInputsList())
                .extracting(ModelMetadataResponse.TensorMetadata::getName)
                .contains("KEYS", "VALUES");
    }

    @Test
    void statisticsCountInferences() {
        long before = inferences();
        client().modelInfer(stage(GrpcRequests.TOKENS).build());
        assertThat(inferences()).isEqualTo(before + 1);
    }

    private static long inferences() {
        return client().modelStatistics(ModelStatisticsRequest.newBuilder()
                        .setName("kv_compression")
                        .build())
                .getModelStats(0)
                .getInferenceCount();
    }

    @Test
    void interleavedRequestsOfAStreamEachGetTheirWholeAnswer() throws Exception {
        GrpcStream stream = open(true);
        for (String id : List.of("a", "b", "c", "d")) {
            stream.call.onNext(longQuestion(id, 20).build());
        }
        stream.call.onNext(stage(GrpcRequests.TOKENS).setId("stage").build());
        stream.call.onNext(question("none", "hi").setModelName("none").build());
        stream.call.onCompleted();
        Map<String, Integer> messages = new HashMap<>();
        TreeSet<String> finals = new TreeSet<>();
        while (finals.size() < 5 || !messages.containsKey("none")) {
            ModelStreamInferResponse message = stream.next();
            String id = message.getInferResponse().getId();
            messages.merge(id, 1, Integer::sum);
            if (id.equals("none")) {
                assertThat(message.getErrorMessage()).contains("unknown model");
            } else if (isFinal(message)) {
                finals.add(id);
            }
        }
        assertThat(finals).containsExactly("a", "b", "c", "d", "stage");
        assertThat(stream.end()).isEqualTo(Status.OK);
        assertThat(messages.get("a")).isEqualTo(messages.get("d")).isGreaterThan(5);
    }

    @Test
    void aCancelledStreamLeavesNoCacheBehind() throws Exception {
        GrpcStream stream = open(true);
        for (int i = 0; i < 4; i++) {
            stream.call.onNext(longQuestion("r" + i, 1500).build());
        }
        stream.next();
        assertThat(gauge("purekv:kv_cache_bytes")).isPositive();
        stream.call.cancel("leaving", null);
        waitForNoCache();
    }

    @Test
    void aClientThatDoesNotReadHoldsNothingUpAndLeavesNothingBehind() throws Exception {
        GrpcStream deaf = open(false);
        deaf.call.onNext(longQuestion("deaf", 1500).build());
        GrpcStream other = open(true);
        other.call.onNext(question("other", "How many digits are there?").build());
        ModelStreamInferResponse answer = other.next();
        assertThat(answer.getErrorMessage()).isEmpty();
        assertThat(answer.getInferResponse().getId()).isEqualTo("other");
        other.call.onCompleted();
        assertThat(other.end()).isEqualTo(Status.OK);
        waitForNoCache(); // the engine went on without the deaf client's help
        deaf.call.cancel("leaving", null);
    }

    private static void waitForNoCache() throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (gauge("purekv:kv_cache_bytes") > 0 || gauge("purekv:num_requests_running") > 0) {
            assertThat(System.nanoTime()).as("a cache is left").isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static double gauge(String name) throws Exception {
        return server.metrics()
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{") && line.contains("moving-digits"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aLargeMessageGoesThroughAndOneAboveTheLimitIsRefused() {
        int tokens = 1 << 20; // 80 MB of tensors
        ModelInferResponse response = client().modelInfer(stage(tokens)
                .putParameters(
                        "compression_ratio",
                        InferParameter.newBuilder().setInt64Param(64).build())
                .build());
        assertThat(response.getOutputsList())
                .extracting(ModelInferResponse.InferOutputTensor::getName)
                .contains("KEPT_INDICES");
        ModelInferRequest tooLarge = stage(GrpcRequests.TOKENS)
                .addRawInputContents(ByteString.copyFrom(new byte[257 << 20]))
                .build();
        assertThat(refusal(tooLarge).getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void whatIsNoInputOfTheModelIsRefusedAndTheServerLivesOn() {
        assertThat(refusal(question("q", "hi").build()).getCode()).isEqualTo(Code.UNIMPLEMENTED);
        for (ModelInferRequest each : List.of(
                ModelInferRequest.newBuilder().setModelName("kv_compression").build(),
                stage(GrpcRequests.TOKENS)
                        .setInputs(1, GrpcRequests.input("KEYS", "FP32", 1L << 40, 1L << 40, 4))
                        .build(),
                stage(GrpcRequests.TOKENS)
                        .setInputs(1, GrpcRequests.input("KEYS", "INT32", 2, GrpcRequests.TOKENS, 4))
                        .build(),
                stage(GrpcRequests.TOKENS)
                        .setInputs(1, GrpcRequests.input("OTHER", "FP32", 2, GrpcRequests.TOKENS, 4))
                        .build(),
                stage(GrpcRequests.TOKENS).setModelVersion("one").build())) {
            assertThat(refusal(each).getCode())
                    .as(each.getInputsList().toString())
                    .isEqualTo(Code.INVALID_ARGUMENT);
        }
        assertThat(client().modelInfer(stage(GrpcRequests.TOKENS).build()).getOutputsCount())
                .isGreaterThan(1);
    }

    @Test
    void theLogSpeaksAsMuchAsItIsTold() throws Exception {
        verbose(1);
        client().modelInfer(stage(GrpcRequests.TOKENS).build());
        assertThat(verbose(0)).isZero();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!server.log().contains("infer_request.cc")) { // Triton's lines on a request
            assertThat(System.nanoTime()).as(server.log()).isLessThan(deadline);
            Thread.sleep(50);
        }
    }

    private static int verbose(int level) {
        return client().logSettings(LogSettingsRequest.newBuilder()
                        .putSettings(
                                "log_verbose_level",
                                LogSettingsRequest.SettingValue.newBuilder()
                                        .setUint32Param(level)
                                        .build())
                        .build())
                .getSettingsOrThrow("log_verbose_level")
                .getUint32Param();
    }

    @Test
    void aModelIsLoadedWithAnotherConfigAndBack() {
        assertThat(kept()).isEqualTo(36);
        client().repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                .setModelName("kv_compression")
                .putParameters("config", text("""
                        {"backend": "purekv", "parameters": {"stage": {"string_value": "kv_compression"},
                         "compression_ratio": {"string_value": "3"}, "sink_tokens": {"string_value": "1"},
                         "recent_tokens": {"string_value": "2"}}}"""))
                .build());
        assertThat(kept()).isEqualTo(20);
        client().repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                .setModelName("kv_compression")
                .build());
        client().repositoryModelLoad(RepositoryModelLoadRequest.newBuilder()
                .setModelName("kv_compression")
                .build());
        assertThat(kept()).isEqualTo(36);
    }

    @Test
    void noNameLeadsOutOfTheRepository() {
        for (String name : List.of("../model-repository/kv_compression", "..", "kv_compression/", "./kv_compression")) {
            RepositoryModelLoadRequest request =
                    RepositoryModelLoadRequest.newBuilder().setModelName(name).build();
            assertThatThrownBy(() -> client().repositoryModelLoad(request))
                    .hasMessageContaining("INVALID_ARGUMENT: invalid model name");
        }
        assertThat(kept()).isEqualTo(36);
    }

    private static ModelRepositoryParameter text(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static long kept() {
        ModelInferResponse response =
                client().modelInfer(stage(GrpcRequests.TOKENS).build());
        return response.getOutputsList().stream()
                .filter(output -> output.getName().equals("KEPT_INDICES"))
                .findFirst()
                .orElseThrow()
                .getShape(1);
    }
}
