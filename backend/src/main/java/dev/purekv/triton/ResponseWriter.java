package dev.purekv.triton;

import dev.purekv.engine.AnswerMetrics;
import dev.purekv.engine.TokenLogprob;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.VisualInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes one response's tensors and sends it. */
final class ResponseWriter {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long[] ONE = {1};

    private final long response;

    private ResponseWriter(long response) {
        this.response = response;
    }

    static void write(long factory, int flags, Answer answer, AnswerForm form) {
        long response = BackendApi.responseNew(factory);
        try {
            new ResponseWriter(response).outputs(answer, form);
        } catch (RuntimeException | OutOfMemoryError e) {
            BackendApi.responseDelete(response);
            throw e;
        }
        BackendApi.responseSend(response, flags);
    }

    private void outputs(Answer answer, AnswerForm form) {
        text("text_output", answer.text());
        if (form.finishReason()) {
            text("finish_reason", answer.reason() == null ? "" : answer.reason().word());
        }
        if (form.cumulativeLogprob()) {
            double sum = answer.logprobs().stream()
                    .mapToDouble(TokenLogprob::logprob)
                    .sum();
            number("cumulative_logprob", Datatype.FP32, Float.floatToIntBits((float) sum));
        }
        if (form.logprobs()) {
            text("logprobs", json(answer));
        }
        if (form.inputTokens()) {
            number("num_input_tokens", Datatype.UINT32, answer.inputTokens());
        }
        if (form.outputTokens()) {
            number("num_output_tokens", Datatype.UINT32, answer.outputTokens());
        }
        if (answer.keptTokens() != null) {
            text("kept_tokens", answer.keptTokens());
        }
        if (form.kvMetrics() && answer.metrics() != null) {
            metrics(answer.metrics());
        }
    }

    private void metrics(AnswerMetrics metrics) {
        PrefillReport prefill = metrics.prefill();
        parameter("kv_policy", prefill.policy().word());
        parameter("kv_compression_ratio", (double) prefill.fullCacheBytes() / prefill.cacheBytes());
        parameter("kv_cache_bytes", prefill.cacheBytes());
        parameter("kv_cache_bytes_full", prefill.fullCacheBytes());
        parameter("prompt_tokens", prefill.promptTokens());
        parameter("visual_tokens", prefill.visualTokens());
        parameter("image_tokens", prefill.tokens(VisualInput.Kind.IMAGE));
        parameter("video_tokens", prefill.tokens(VisualInput.Kind.VIDEO));
        parameter("vision_ms", prefill.vision().toNanos() / 1e6);
        parameter("prefill_ms", prefill.language().toNanos() / 1e6);
        parameter("scoring_ms", prefill.scoring().toNanos() / 1e6);
        parameter("decode_tokens_per_second", metrics.decodeTokensPerSecond());
        if (!prefill.note().isEmpty()) {
            parameter("kv_note", prefill.note());
        }
    }

    private void parameter(String name, String value) {
        BackendApi.responseText(response, BackendApi.utf8(name), BackendApi.utf8(value));
    }

    private void parameter(String name, long value) {
        BackendApi.responseLong(response, BackendApi.utf8(name), value);
    }

    private void parameter(String name, double value) {
        BackendApi.responseDouble(response, BackendApi.utf8(name), value);
    }

    private static String json(Answer answer) {
        ArrayNode tokens = JSON.createArrayNode();
        for (TokenLogprob each : answer.logprobs()) {
            ObjectNode token = tokens.addObject()
                    .put("token", each.token())
                    .put("text", each.text())
                    .put("logprob", each.logprob());
            ArrayNode alternatives = token.putArray("top_logprobs");
            each.alternatives()
                    .forEach(other -> alternatives
                            .addObject()
                            .put("token", other.token())
                            .put("text", other.text())
                            .put("logprob", other.logprob()));
        }
        return tokens.toString();
    }

    private void text(String name, String value) {
        byte[] bytes = BackendApi.utf8(value);
        byte[] element = ByteBuffer.allocate(4 + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .put(bytes)
                .array();
        BackendApi.responseOutput(response, BackendApi.utf8(name), Datatype.BYTES.ordinal(), ONE, element);
    }

    private void number(String name, Datatype type, int bits) {
        byte[] element = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bits)
                .array();
        BackendApi.responseOutput(response, BackendApi.utf8(name), type.ordinal(), ONE, element);
    }
}
