package dev.purekv.triton;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Requests as tests write them, and everything that came back. */
final class Requests {
    private Requests() {}

    static InferenceRequest request(String model, Map<String, Object> parameters, TensorData... inputs) {
        return new InferenceRequest(model, "", "", List.of(inputs), List.of(), parameters);
    }

    static TensorData text(String name, String... values) {
        byte[][] elements = new byte[values.length][];
        for (int i = 0; i < values.length; i++) {
            elements[i] = values[i].getBytes(StandardCharsets.UTF_8);
        }
        return bytes(name, elements);
    }

    static TensorData bytes(String name, byte[]... elements) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (byte[] each : elements) {
            data.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(each.length)
                    .array());
            data.writeBytes(each);
        }
        return new TensorData(name, "BYTES", new long[] {elements.length}, data.toByteArray());
    }

    static TensorData flag(String name, boolean value) {
        return new TensorData(name, "BOOL", new long[] {1}, new byte[] {(byte) (value ? 1 : 0)});
    }

    /** Everything that one inference gave: its responses, and how often it was told that the end had come. */
    record Heard(List<InferenceResponse> responses, int ends) {
        String text() {
            StringBuilder all = new StringBuilder();
            responses.forEach(each -> all.append(element(each, "text_output")));
            return all.toString();
        }

        ServerException error() {
            return responses.get(responses.size() - 1).error();
        }
    }

    static String element(InferenceResponse response, String output) {
        for (TensorData each : response.outputs()) {
            if (each.name().equals(output)) {
                return new String(each.data(), 4, each.data().length - 4, StandardCharsets.UTF_8);
            }
        }
        throw new AssertionError("no output " + output + " in " + response);
    }

    static Heard run(InferenceServer server, InferenceRequest request) throws InterruptedException {
        List<InferenceResponse> responses = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch end = new CountDownLatch(1);
        int[] ends = new int[1];
        server.infer(request, (response, last) -> {
            if (response != null) {
                responses.add(response);
            }
            if (last) {
                ends[0]++;
                end.countDown();
            }
        });
        if (!end.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("no end within a minute; so far " + responses);
        }
        return new Heard(List.copyOf(responses), ends[0]);
    }
}
