package dev.purekv.it;

import static dev.purekv.it.RunningServer.base64;
import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tiny checkpoints of both generations of VideoLLaMA2, under the delivered template, behind every door. */
class VideoLlama2IT {
    private static final Path CLIP = Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4");
    private static final String QUESTION = "What moves?";

    @TempDir
    static Path repository;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        for (String name : List.of("mistral", "qwen2")) {
            Path from = Path.of("backend/src/test/resources/golden/videollama2", name);
            Path folder = Files.createDirectories(repository.resolve(name));
            Files.copy(Path.of("model-repository/videollama2/config.pbtxt"), folder.resolve("config.pbtxt"));
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Path to = folder.resolve("1").resolve(from.relativize(file).toString());
                    Files.createDirectories(to.getParent());
                    Files.copy(file, to);
                }
            }
        }
        server = RunningServer.start(repository);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Map<String, Object> question(boolean stream) throws IOException {
        Map<String, Object> body = new HashMap<>(Map.of(
                "text_input",
                QUESTION,
                "video",
                base64(CLIP),
                "exclude_input_in_output",
                true,
                "parameters",
                Map.of("max_tokens", 6, "ignore_eos", true, "temperature", 0, "compression_ratio", 2)));
        body.put("stream", stream);
        return body;
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void everyDoorGivesTheSameAnswerAboutAClip(String model) throws Exception {
        String path = "/v2/models/" + model + "/generate";
        HttpResponse<String> whole = server.post(path, question(false));
        assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
        String text = json(whole).path("text_output").asString();
        assertThat(text).isNotEmpty();
        StringBuilder streamed = new StringBuilder();
        for (String event : server.post(path + "_stream", question(true)).body().split("\n\n")) {
            streamed.append(RunningServer.JSON
                    .readTree(event.substring("data: ".length()))
                    .path("text_output")
                    .asString());
        }
        assertThat(streamed).hasToString(text);
        assertThat(openAi(model)).isEqualTo(text);
        assertThat(grpc(model)).isEqualTo(text);
    }

    private static String openAi(String model) throws IOException, InterruptedException {
        Map<String, Object> clip =
                Map.of("type", "video_url", "video_url", Map.of("url", "data:video/mp4;base64," + base64(CLIP)));
        HttpResponse<String> chat = server.post(
                "/v1/chat/completions",
                Map.of(
                        "model",
                        model,
                        "messages",
                        List.of(Map.of(
                                "role", "user", "content", List.of(clip, Map.of("type", "text", "text", QUESTION)))),
                        "max_tokens",
                        6,
                        "ignore_eos",
                        true,
                        "temperature",
                        0,
                        "purekv",
                        Map.of("compression_ratio", 2)));
        assertThat(chat.statusCode()).as(chat.body()).isEqualTo(200);
        return json(chat)
                .path("choices")
                .path(0)
                .path("message")
                .path("content")
                .asString();
    }

    private static String grpc(String model) throws Exception {
        byte[] clip = Files.readAllBytes(CLIP);
        ModelInferRequest request = GrpcRequests.question("1", QUESTION)
                .setModelName(model)
                .addInputs(GrpcRequests.input("video", "BYTES", 1))
                .addRawInputContents(ByteString.copyFrom(ByteBuffer.allocate(4 + clip.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(clip.length)
                        .put(clip)
                        .array()))
                .addInputs(GrpcRequests.input("exclude_input_in_output", "BOOL", 1))
                .addRawInputContents(ByteString.copyFrom(new byte[] {1}))
                .putParameters("max_tokens", number(6))
                .putParameters("compression_ratio", number(2))
                .putParameters(
                        "ignore_eos",
                        InferParameter.newBuilder().setBoolParam(true).build())
                .putParameters(
                        "temperature",
                        InferParameter.newBuilder().setDoubleParam(0).build())
                .build();
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .build();
        try {
            GrpcStream stream = new GrpcStream(true);
            GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream).onNext(request);
            StringBuilder text = new StringBuilder();
            for (var message = stream.next(); ; message = stream.next()) {
                assertThat(message.getErrorMessage()).isEmpty();
                if (message.getInferResponse().getRawOutputContentsCount() > 0) {
                    String piece =
                            message.getInferResponse().getRawOutputContents(0).toString(StandardCharsets.UTF_8);
                    text.append(piece.substring(4)); // behind the length of its one element
                }
                if (GrpcRequests.isFinal(message)) {
                    return text.toString();
                }
            }
        } finally {
            channel.shutdownNow();
        }
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }
}
