package dev.purekv.triton;

import static dev.purekv.triton.Requests.request;
import static dev.purekv.triton.Requests.run;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.TensorData;
import dev.purekv.triton.Requests.Heard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/** Model folders and tensors of compression stages, as tests write them. */
final class StageRepository {
    static final String STAGE = "backend: \"purekv\"\n" + parameter("stage", "kv_compression");

    private StageRepository() {}

    static void add(Path repository, String name, String config) throws IOException {
        Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(repository.resolve(name).resolve("config.pbtxt"), config);
    }

    static String parameter(String key, String value) {
        return "parameters { key: \"" + key + "\" value { string_value: \"" + value + "\" } }\n";
    }

    static String tensor(String kind, String name, String type, String dims) {
        return kind + " { name: \"" + name + "\" data_type: TYPE_" + type + " dims: [ " + dims + " ] }\n";
    }

    /** Random numbers from 0 to 1, the same for the same seed. */
    static TensorData floats(String name, long seed, long... shape) {
        int count = 1;
        for (long size : shape) {
            count *= (int) size;
        }
        ByteBuffer data = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        new SplittableRandom(seed).doubles(count).forEach(number -> data.putFloat((float) number));
        return new TensorData(name, "FP32", shape, data.array());
    }

    static TensorData output(InferenceResponse response, String name) {
        return response.outputs().stream()
                .filter(output -> output.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no output " + name + " in " + response));
    }

    static long[] longs(TensorData tensor) {
        long[] values = new long[tensor.data().length / 8];
        ByteBuffer.wrap(tensor.data())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer()
                .get(values);
        return values;
    }

    /** The one response of a request that succeeds. */
    static InferenceResponse answer(
            InferenceServer server, String model, Map<String, Object> parameters, TensorData... inputs)
            throws InterruptedException {
        Heard heard = run(server, request(model, parameters, inputs));
        if (heard.error() != null) {
            throw heard.error();
        }
        if (heard.responses().size() != 1 || heard.ends() != 1) {
            throw new AssertionError("expected one response and one end, got " + heard);
        }
        return heard.responses().get(0);
    }

    /** The rows that indices name, head by head. */
    static byte[] rows(TensorData from, long[] indices) {
        int heads = (int) from.shape()[0];
        int tokens = (int) from.shape()[1];
        int row = from.data().length / (heads * tokens);
        int kept = indices.length / heads;
        ByteBuffer rows = ByteBuffer.allocate(row * indices.length);
        for (int i = 0; i < indices.length; i++) {
            rows.put(from.data(), (int) (i / kept * tokens + indices[i]) * row, row);
        }
        return rows.array();
    }
}
