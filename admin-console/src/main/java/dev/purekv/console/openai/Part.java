package dev.purekv.console.openai;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one response of the model says.
 *
 * @param finish {@code stop} or {@code length}; empty while more comes
 * @param completionTokens of this part
 * @param logprobs an array with an object a token, or null
 * @param metrics response parameters, with the last part
 */
record Part(
        String text,
        String finish,
        long promptTokens,
        long completionTokens,
        JsonNode logprobs,
        Map<String, Object> metrics) {
    /** @throws dev.purekv.server.ServerException the model's own, if the response is one */
    static Part of(InferenceResponse response, JsonMapper json) {
        if (response.error() != null) {
            throw response.error();
        }
        String logprobs = text(response, "logprobs");
        return new Part(
                text(response, "text_output"),
                text(response, "finish_reason"),
                number(response, "num_input_tokens"),
                number(response, "num_output_tokens"),
                logprobs.isEmpty() ? null : json.readTree(logprobs),
                response.parameters());
    }

    /** Whether there is anything to show besides the end. */
    boolean hasContent() {
        return !text.isEmpty() || logprobs != null && !logprobs.isEmpty();
    }

    private static String text(InferenceResponse response, String name) {
        ByteBuffer data = data(response, name);
        if (data.remaining() < 4) {
            return "";
        }
        byte[] utf8 = new byte[data.getInt()];
        data.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private static long number(InferenceResponse response, String name) {
        ByteBuffer data = data(response, name);
        return data.remaining() < 4 ? 0 : Integer.toUnsignedLong(data.getInt());
    }

    private static ByteBuffer data(InferenceResponse response, String name) {
        for (TensorData output : response.outputs()) {
            if (output.name().equals(name)) {
                return ByteBuffer.wrap(output.data()).order(ByteOrder.LITTLE_ENDIAN);
            }
        }
        return ByteBuffer.allocate(0);
    }
}
