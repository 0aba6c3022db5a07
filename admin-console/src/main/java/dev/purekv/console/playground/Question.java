package dev.purekv.console.playground;

import dev.purekv.ServingException;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.TensorData;
import dev.purekv.settings.KvSettings;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One question of the playground.
 *
 * @param media the file's bytes; empty for none
 * @param video whether they are a clip; else a picture
 * @param settings of the cache, by name; only those that differ from the model's
 */
record Question(String model, String text, byte[] media, boolean video, Map<String, String> settings, int maxTokens) {
    private static final long[] ONE = {1};

    Question {
        settings = Map.copyOf(settings);
        if (text.isBlank()) {
            throw ServingException.invalid("asking: expected a question, got none; write one");
        }
        if (maxTokens < 1 || maxTokens > 4096) {
            throw ServingException.invalid("asking: expected 1 to 4096 tokens at most, got %d", maxTokens);
        }
        KvSettings.read(settings, KvSettings.DEFAULT); // refuses in words what is no setting
    }

    InferenceRequest request() {
        List<TensorData> inputs = new ArrayList<>();
        inputs.add(bytes("text_input", text.getBytes(StandardCharsets.UTF_8)));
        if (media.length > 0) {
            inputs.add(bytes(video ? "video" : "image", media));
        }
        for (String flag : List.of(
                "stream",
                "exclude_input_in_output",
                "return_finish_reason",
                "return_num_output_tokens",
                "return_kv_metrics",
                "return_kept_tokens")) {
            inputs.add(new TensorData(flag, "BOOL", ONE, new byte[] {1}));
        }
        Map<String, Object> parameters = new HashMap<>(settings);
        parameters.put("max_tokens", (long) maxTokens);
        parameters.put("temperature", 0.0);
        return new InferenceRequest(model, "", "", inputs, List.of(), parameters);
    }

    private static TensorData bytes(String name, byte[] value) {
        byte[] element = ByteBuffer.allocate(4 + value.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value.length)
                .put(value)
                .array();
        return new TensorData(name, "BYTES", ONE, element);
    }
}
