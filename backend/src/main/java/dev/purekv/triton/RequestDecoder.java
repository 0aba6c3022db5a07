package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.engine.GenerationRequest;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads one request: tensors and parameters as the vLLM backend has them (vllm_backend r24.10, src/model.py), and
 * {@code video}, {@code messages} and the settings of the cache. A name in the {@code sampling_parameters} tensor wins over the request parameter.
 */
final class RequestDecoder {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String APPLY_TEMPLATE = "apply_chat_template";
    private static final String KV_METRICS = "return_kv_metrics";
    private static final String KEPT_TOKENS = "return_kept_tokens";

    private final long request;
    private final TensorReader tensors;
    private final Map<String, Object> parameters;

    private RequestDecoder(long request) {
        this.request = request;
        this.tensors = TensorReader.of(request);
        this.parameters = RequestParameters.read(request);
    }

    /** @throws ServingException INVALID_REQUEST naming the tensor or parameter */
    static DecodedRequest decode(long request) {
        return new RequestDecoder(request).decode();
    }

    private DecodedRequest decode() {
        Envelope envelope = Envelope.of(request);
        // Where Triton leaves these two to the model, as its generate does, they are parameters like others.
        long priority = count("priority", envelope.priority());
        long timeoutMicros = count("timeout", BackendApi.requestTimeoutMicros(request));
        Boolean apply = taken(APPLY_TEMPLATE);
        BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> prompt =
                Boolean.FALSE.equals(apply) ? raw() : conversation();
        AnswerForm form = form();
        Map<String, Object> sampling = sampling();
        Map<String, Object> kv = new HashMap<>(sampling);
        kv.keySet().retainAll(KvSettings.NAMES);
        sampling.keySet().removeAll(KvSettings.NAMES);
        if (form.logprobs() || form.cumulativeLogprob()) {
            sampling.putIfAbsent("logprobs", 0L);
        }
        return new DecodedRequest(
                new GenerationRequest(prompt, sampling, kv, envelope.arrived(), timeoutMicros, priority), form);
    }

    /** A parameter that counts from 0. */
    private long count(String name, long otherwise) {
        Object value = parameters.remove(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        throw ServingException.invalid("parameter '%s' must be a whole number of 0 or more, got %s", name, value);
    }

    /** A parameter that is no setting of sampling or cache; null when it is absent. */
    private Boolean taken(String name) {
        Object value = parameters.remove(name);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        throw ServingException.invalid("parameter '%s' must be true or false, got %s", name, value);
    }

    private BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> conversation() {
        String text = tensors.text("text_input");
        String messages = tensors.text("messages");
        if ((text == null) == (messages == null)) {
            throw ServingException.invalid(
                    "expected one of the inputs 'text_input' and 'messages', got %s",
                    text == null ? "neither" : "both");
        }
        List<byte[]> images = files("image");
        List<byte[]> videos = files("video");
        List<Message> conversation;
        if (messages != null) {
            conversation = MessagesReader.read(messages, images, videos);
        } else {
            List<Message.Part> parts = media(images, videos);
            parts.add(new Message.Text(text));
            conversation = List.of(new Message("user", parts));
        }
        return (encoder, cancelled) -> encoder.encode(conversation, cancelled);
    }

    private BiFunction<PromptEncoder, BooleanSupplier, ModelPrompt> raw() {
        String text = tensors.text("text_input");
        if (text == null) {
            throw ServingException.invalid(
                    "parameter '%s' is false: expected the input 'text_input' with the whole prompt", APPLY_TEMPLATE);
        }
        List<Message.Part> media = media(files("image"), files("video"));
        return (encoder, cancelled) -> encoder.encodeRaw(text, media, cancelled);
    }

    private List<byte[]> files(String tensor) {
        List<byte[]> files = new ArrayList<>();
        for (byte[] each : tensors.elements(tensor)) {
            files.add(EncodedMedia.decode(each, tensor + "[" + files.size() + "]"));
        }
        return files;
    }

    private static List<Message.Part> media(List<byte[]> images, List<byte[]> videos) {
        List<Message.Part> parts = new ArrayList<>();
        images.forEach(bytes -> parts.add(new Message.Image(bytes)));
        videos.forEach(bytes -> parts.add(new Message.Video(bytes)));
        return parts;
    }

    private AnswerForm form() {
        boolean stream = flag("stream", false);
        // vLLM's rule: the prompt comes back before the answer unless the client says no, or streams.
        boolean exclude = flag("exclude_input_in_output", stream);
        if (stream && !exclude) {
            throw ServingException.invalid("'exclude_input_in_output' cannot be false when 'stream' is true");
        }
        String text = tensors.text("text_input");
        Boolean metrics = taken(KV_METRICS);
        Boolean kept = taken(KEPT_TOKENS);
        return new AnswerForm(
                stream,
                exclude || text == null ? "" : text,
                flag("return_finish_reason", false),
                flag("return_cumulative_logprob", false),
                flag("return_logprobs", false),
                flag("return_num_input_tokens", false),
                flag("return_num_output_tokens", false),
                flag(KV_METRICS, Boolean.TRUE.equals(metrics)),
                flag(KEPT_TOKENS, Boolean.TRUE.equals(kept)));
    }

    private boolean flag(String name, boolean fallback) {
        Boolean value = tensors.flag(name);
        return value == null ? fallback : value;
    }

    private Map<String, Object> sampling() {
        Map<String, Object> values = new HashMap<>(parameters);
        String json = tensors.text("sampling_parameters");
        if (json == null || json.isBlank()) {
            return values;
        }
        try {
            JsonNode root = JSON.readTree(json);
            if (!root.isObject()) {
                throw ServingException.invalid(
                        "input 'sampling_parameters' must be a JSON object, got %s", root.getNodeType());
            }
            root.properties().forEach(each -> values.put(each.getKey(), value(each.getValue())));
            values.values().removeIf(java.util.Objects::isNull);
            return values;
        } catch (JacksonException e) {
            throw ServingException.invalid(
                    "input 'sampling_parameters' must be a JSON object: %s", e.getOriginalMessage());
        }
    }

    private static Object value(JsonNode node) {
        if (node.isNull()) {
            return null;
        }
        if (node.isArray()) {
            return node.valueStream()
                    .map(RequestDecoder::value)
                    .map(each -> each == null ? "" : each)
                    .collect(Collectors.toList());
        }
        if (node.isBoolean()) {
            return node.asBoolean();
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return node.asLong();
        }
        return node.isNumber() ? (Object) node.asDouble() : node.isString() ? node.asString() : node.toString();
    }
}
