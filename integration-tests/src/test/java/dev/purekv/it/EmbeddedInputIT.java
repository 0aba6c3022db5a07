package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.it.BadInputs.Case;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Good and bad inputs in this process, where tensors can be binary and native memory can be counted. */
class EmbeddedInputIT {
    private static EmbeddedServer server;

    @BeforeAll
    static void start() throws Exception {
        server = EmbeddedServer.start(EmbeddedServerOptions.of(Path.of("model-repository")));
        ask(Map.of("text_input", "hi"), Map.of()); // whatever is made once is made now
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static List<Case> cases() throws Exception {
        return BadInputs.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nativeMemoryIsBackAfterBadInput(Case bad) throws Exception {
        ask(bad.tensors(), bad.parameters()); // likewise
        long before = settled();
        for (int i = 0; i < 3; i++) {
            InferenceResponse response = ask(bad.tensors(), bad.parameters());
            assertThat(response.error()).as("the refusal").isNotNull();
            assertThat(response.error().status()).isEqualTo(ServerException.Status.INVALID_ARG);
        }
        assertThat(settled()).as("native objects").isLessThanOrEqualTo(before);
        assertThat(ask(Map.of("text_input", "hi"), Map.of("max_tokens", 4L)).error())
                .isNull();
    }

    @Test
    void anUnknownTensorIsRefusedByName() {
        assertThatThrownBy(() -> ask(Map.of("text_input", "hi", "vidoe", "AAAA"), Map.of()))
                .isInstanceOfSatisfying(
                        ServerException.class,
                        e -> assertThat(e.status()).isEqualTo(ServerException.Status.INVALID_ARG))
                .hasMessageContaining("vidoe");
    }

    /** Native objects, once those of the last request are back: its response is heard a moment earlier. */
    private static long settled() throws InterruptedException {
        long lowest = Pointer.totalCount();
        long until = System.nanoTime() + Duration.ofMillis(300).toNanos();
        while (System.nanoTime() < until) {
            lowest = Math.min(lowest, Pointer.totalCount());
            Thread.sleep(10);
        }
        return lowest;
    }

    private static InferenceResponse ask(Map<String, String> tensors, Map<String, Object> parameters) throws Exception {
        List<TensorData> inputs = tensors.entrySet().stream()
                .map(each -> text(each.getKey(), each.getValue()))
                .toList();
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        server.infer(
                new InferenceRequest("moving-digits", "", "", inputs, List.of(), parameters),
                (response, last) -> answer.complete(response));
        return answer.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aBinaryTensorMayHoldTheFileItself() throws Exception {
        Path clip = Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4");
        CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
        List<TensorData> inputs =
                List.of(text("text_input", "How many digits are there?"), bytes("video", Files.readAllBytes(clip)));
        server.infer(
                new InferenceRequest("moving-digits", "", "", inputs, List.of(), Map.of()),
                (response, last) -> answer.complete(response));
        byte[] text = answer.get(60, TimeUnit.SECONDS).outputs().get(0).data();
        assertThat(new String(text, 4, text.length - 4, StandardCharsets.UTF_8))
                .isEqualTo("How many digits are there?4");
    }

    private static TensorData text(String name, String value) {
        return bytes(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static TensorData bytes(String name, byte[] bytes) {
        byte[] element = ByteBuffer.allocate(4 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .put(bytes)
                .array();
        return new TensorData(name, "BYTES", new long[] {1}, element);
    }
}
