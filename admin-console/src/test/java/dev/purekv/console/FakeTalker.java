package dev.purekv.console;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A language model in memory; its prompt says what it does. */
public final class FakeTalker {
    public static final String MODEL = "talker";
    static final String METADATA =
            "{\"name\":\"talker\",\"inputs\":[{\"name\":\"messages\",\"datatype\":\"BYTES\",\"shape\":[1]}]}";
    private static final Map<String, Object> METRICS = Map.of(
            "kv_policy",
            "purekv",
            "kv_cache_bytes",
            250L,
            "kv_cache_bytes_full",
            1000L,
            "prompt_tokens",
            40L,
            "visual_tokens",
            32L,
            "image_tokens",
            12L,
            "video_tokens",
            20L);

    private final InferenceRequest request;
    private final ResponseObserver observer;

    private FakeTalker(InferenceRequest request, ResponseObserver observer) {
        this.request = request;
        this.observer = observer;
    }

    static void play(InferenceRequest request, ResponseObserver observer, AtomicBoolean stop) {
        new FakeTalker(request, observer).answer(stop);
    }

    /** The text of an input, or null. */
    public static String text(InferenceRequest request, String input) {
        for (TensorData each : request.inputs()) {
            if (each.name().equals(input)) {
                return new String(each.data(), 4, each.data().length - 4, StandardCharsets.UTF_8);
            }
        }
        return null;
    }

    public static boolean flag(InferenceRequest request, String input) {
        return request.inputs().stream().anyMatch(each -> each.name().equals(input) && each.data()[0] == 1);
    }

    private void answer(AtomicBoolean stop) {
        String prompt = text(request, "messages") == null ? text(request, "text_input") : text(request, "messages");
        if (prompt.contains("fail ")) {
            fail(Status.valueOf(prompt.replaceAll("(?s).*fail ([A-Z_]+).*", "$1")), "failed as asked");
        } else if (prompt.contains("break")) {
            observer.response(piece("good", "", 1), false);
            fail(Status.INTERNAL, "broke");
        } else if (prompt.contains("forever")) {
            while (!stop.get()) {
                observer.response(piece("x", "", 1), false);
                pause();
            }
            fail(Status.CANCELLED, "cancelled");
        } else if (prompt.contains("flags")) {
            observer.response(piece("one", "", 1), false);
            observer.response(null, true);
        } else if (prompt.startsWith("say ")) {
            observer.response(piece(prompt.substring(4), "stop", 1), true);
        } else if (flag(request, "stream")) {
            observer.response(piece("eins ", "", 2), false);
            observer.response(piece("zwei \u00e9", "", 1), false);
            observer.response(piece("", "length", 1), true);
        } else {
            observer.response(piece("eins zwei \u00e9", "length", 4), true);
        }
    }

    private void fail(Status status, String message) {
        observer.response(
                new InferenceResponse(
                        MODEL, "1", request.id(), List.of(), Map.of(), new ServerException(status, message)),
                true);
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private InferenceResponse piece(String text, String finish, int tokens) {
        List<TensorData> outputs = new ArrayList<>();
        outputs.add(text("text_output", text));
        outputs.add(text("finish_reason", finish));
        outputs.add(number("num_input_tokens", 40));
        outputs.add(number("num_output_tokens", tokens));
        if (flag(request, "return_logprobs")) {
            outputs.add(
                    text(
                            "logprobs",
                            "[{\"token\":7,\"text\":\"\u00e9\",\"logprob\":-0.5,\"top_logprobs\":"
                                    + "[{\"token\":7,\"text\":\"\u00e9\",\"logprob\":-0.5},{\"token\":8,\"text\":\"\ufffd\",\"logprob\":-1.5}]}]"));
        }
        return new InferenceResponse(MODEL, "1", request.id(), outputs, finish.isEmpty() ? Map.of() : METRICS, null);
    }

    private static TensorData text(String name, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] data = little(4 + utf8.length).putInt(utf8.length).put(utf8).array();
        return new TensorData(name, "BYTES", new long[] {1}, data);
    }

    private static TensorData number(String name, int value) {
        return new TensorData(
                name, "UINT32", new long[] {1}, little(4).putInt(value).array());
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
