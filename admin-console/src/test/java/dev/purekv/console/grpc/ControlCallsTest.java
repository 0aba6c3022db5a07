package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.statusOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.purekv.console.RunningConsole;
import inference.GrpcService.*;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every RPC that is no inference. */
class ControlCallsTest {
    private static RunningConsole console;
    private static GrpcClient client;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        client = new GrpcClient(console);
    }

    @AfterAll
    static void stop() {
        client.close();
        console.close();
    }

    @Test
    void readinessIsAskedOfTheServerEachTime() {
        assertThat(client.blocking()
                        .serverLive(ServerLiveRequest.getDefaultInstance())
                        .getLive())
                .isTrue();
        console.server.ready.set(false);
        assertThat(client.blocking()
                        .serverReady(ServerReadyRequest.getDefaultInstance())
                        .getReady())
                .isFalse();
        console.server.ready.set(true);
        assertThat(client.blocking()
                        .serverReady(ServerReadyRequest.getDefaultInstance())
                        .getReady())
                .isTrue();
        assertThat(modelReady("fake", "")).isTrue();
        assertThat(modelReady("fake", "9")).isFalse();
        assertThat(modelReady("other", "")).isFalse();
    }

    private static boolean modelReady(String name, String version) {
        return client.blocking()
                .modelReady(ModelReadyRequest.newBuilder()
                        .setName(name)
                        .setVersion(version)
                        .build())
                .getReady();
    }

    @Test
    void metadataConfigAndStatisticsAreTheServers() {
        assertThat(client.blocking()
                        .serverMetadata(ServerMetadataRequest.getDefaultInstance())
                        .getVersion())
                .isEqualTo("2.51.0");
        ModelMetadataResponse metadata = client.blocking()
                .modelMetadata(ModelMetadataRequest.newBuilder().setName("fake").build());
        assertThat(metadata.getVersionsList()).containsExactly("1");
        assertThat(metadata.getInputs(3).getName()).isEqualTo("ints");
        assertThat(metadata.getInputs(3).getShapeList()).containsExactly(-1L, 2L);
        assertThat(client.blocking()
                        .modelConfig(
                                ModelConfigRequest.newBuilder().setName("fake").build())
                        .getConfig()
                        .getBackend())
                .isEqualTo("purekv");
        assertThat(client.blocking()
                        .modelStatistics(ModelStatisticsRequest.newBuilder()
                                .setName("fake")
                                .setVersion("1")
                                .build())
                        .getModelStats(0)
                        .getVersion())
                .isEqualTo("1");
    }

    @Test
    void anUnknownModelIsNotFound() {
        assertThat(statusOf(() -> client.blocking()
                                .modelConfig(ModelConfigRequest.newBuilder()
                                        .setName("other")
                                        .build()))
                        .getCode())
                .isEqualTo(Code.NOT_FOUND);
    }

    @Test
    void theIndexCanBeOfReadyModelsOnly() {
        assertThat(index(false)).hasSize(2);
        assertThat(index(true))
                .extracting(RepositoryIndexResponse.ModelIndex::getName)
                .containsExactly("fake", "talker");
        assertThat(statusOf(() -> client.blocking()
                                .repositoryIndex(RepositoryIndexRequest.newBuilder()
                                        .setRepositoryName("other")
                                        .build()))
                        .getCode())
                .isEqualTo(Code.UNIMPLEMENTED);
    }

    private static List<RepositoryIndexResponse.ModelIndex> index(boolean ready) {
        return client.blocking()
                .repositoryIndex(
                        RepositoryIndexRequest.newBuilder().setReady(ready).build())
                .getModelsList();
    }

    @Test
    void aLoadTakesAConfigAndFiles() {
        client.blocking().repositoryModelLoad(load("config", string("{}"), "file:1/x", bytes("abc")));
        client.blocking()
                .repositoryModelUnload(RepositoryModelUnloadRequest.newBuilder()
                        .setModelName("fake")
                        .putParameters(
                                "unload_dependents",
                                ModelRepositoryParameter.newBuilder()
                                        .setBoolParam(true)
                                        .build())
                        .build());
        assertThat(console.server.control).contains("load fake {} abc", "unload fake true");
    }

    @Test
    void aLoadRefusesOtherParametersTypesAndPaths() {
        for (RepositoryModelLoadRequest each : List.of(
                load("config", bytes("{}"), "file:1/x", bytes("")),
                load("config", string("{}"), "file:1/x", string("")),
                load("config", string("{}"), "file:../x", bytes("")),
                load("config", string("{}"), "other", string("")))) {
            assertThat(statusOf(() -> client.blocking().repositoryModelLoad(each))
                            .getCode())
                    .isEqualTo(Code.INVALID_ARGUMENT);
        }
    }

    private static RepositoryModelLoadRequest load(
            String key, ModelRepositoryParameter value, String other, ModelRepositoryParameter otherValue) {
        return RepositoryModelLoadRequest.newBuilder()
                .setModelName("fake")
                .putParameters(key, value)
                .putParameters(other, otherValue)
                .build();
    }

    private static ModelRepositoryParameter string(String value) {
        return ModelRepositoryParameter.newBuilder().setStringParam(value).build();
    }

    private static ModelRepositoryParameter bytes(String value) {
        return ModelRepositoryParameter.newBuilder()
                .setBytesParam(ByteString.copyFromUtf8(value))
                .build();
    }

    @Test
    void cudaMemoryCannotBeRegisteredButAllOfItCanBeUnregistered() {
        client.blocking().cudaSharedMemoryUnregister(CudaSharedMemoryUnregisterRequest.getDefaultInstance());
        assertThat(client.blocking()
                        .cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest.getDefaultInstance())
                        .getRegionsMap())
                .isEmpty();
        assertThat(statusOf(() -> client.blocking()
                                .cudaSharedMemoryRegister(CudaSharedMemoryRegisterRequest.getDefaultInstance()))
                        .getCode())
                .isEqualTo(Code.UNIMPLEMENTED);
        assertThat(statusOf(() -> client.blocking()
                                .cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest.newBuilder()
                                        .setName("x")
                                        .build()))
                        .getCode())
                .isEqualTo(Code.UNIMPLEMENTED);
    }

    private static LogSettingsRequest log(String name, LogSettingsRequest.SettingValue.Builder value) {
        return LogSettingsRequest.newBuilder().putSettings(name, value.build()).build();
    }

    private static LogSettingsRequest.SettingValue.Builder value() {
        return LogSettingsRequest.SettingValue.newBuilder();
    }

    @Test
    void logSettingsChangeOneByOne() {
        LogSettingsResponse response =
                client.blocking().logSettings(log("log_verbose_level", value().setUint32Param(2)));
        assertThat(response.getSettingsOrThrow("log_verbose_level").getUint32Param())
                .isEqualTo(2);
        assertThat(response.getSettingsOrThrow("log_warning").getBoolParam()).isTrue();
        client.blocking().logSettings(log("log_info", value().setBoolParam(true)));
        client.blocking().logSettings(log("log_format", value().setStringParam("default")));
        assertThat(console.server.logSettings())
                .isEqualTo(new dev.purekv.server.LogSettings(true, true, true, 2, false));
    }

    @Test
    void logSettingsRefuseWhatTheyAreNot() {
        assertThat(codeOf(log("log_file", value().setStringParam("/tmp/x")))).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(codeOf(log("log_info", value().setUint32Param(1)))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(log("log_format", value().setStringParam("xml")))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(log("log_verbose_level", value().setUint32Param(-1)))).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(codeOf(log("other", value().setBoolParam(true)))).isEqualTo(Code.INVALID_ARGUMENT);
    }

    private static Code codeOf(LogSettingsRequest request) {
        return statusOf(() -> client.blocking().logSettings(request)).getCode();
    }

    private static TraceSettingRequest trace(String name, String... values) {
        return TraceSettingRequest.newBuilder()
                .putSettings(
                        name,
                        TraceSettingRequest.SettingValue.newBuilder()
                                .addAllValue(List.of(values))
                                .build())
                .build();
    }

    @Test
    void nothingIsTracedWithoutAFileAndNothingSaysOtherwise() {
        assertThat(client.blocking()
                        .traceSetting(trace("trace_level", "OFF"))
                        .getSettingsOrThrow("trace_level")
                        .getValueList())
                .containsExactly("OFF");
        client.blocking().traceSetting(trace("trace_rate"));
        assertThat(statusOf(() -> client.blocking().traceSetting(trace("trace_level", "TIMESTAMPS")))
                        .getCode())
                .isEqualTo(Code.UNIMPLEMENTED);
        assertThat(statusOf(() -> client.blocking()
                                .traceSetting(TraceSettingRequest.newBuilder()
                                        .setModelName("other")
                                        .build()))
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
    }

    /** Of both versions: Python's clients know the older alone. */
    @ParameterizedTest
    @ValueSource(strings = {"v1", "v1alpha"})
    void reflectionListsTheServices(String version) throws Exception {
        CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
        // The messages of both are alike; only the service's name differs.
        MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method =
                ServerReflectionGrpc.getServerReflectionInfoMethod().toBuilder()
                        .setFullMethodName("grpc.reflection." + version + ".ServerReflection/ServerReflectionInfo")
                        .build();
        StreamObserver<ServerReflectionRequest> questions = ClientCalls.asyncBidiStreamingCall(
                client.channel.newCall(method, CallOptions.DEFAULT), new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.cancel(false);
                    }
                });
        questions.onNext(
                ServerReflectionRequest.newBuilder().setListServices("*").build());
        assertThat(answer.get(60, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
                .extracting(ServiceResponse::getName)
                .contains("inference.GRPCInferenceService", "grpc.health.v1.Health");
        questions.onCompleted();
    }
}
