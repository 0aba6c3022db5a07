package dev.purekv.console.openai;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.TensorData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request into what the model takes. Fields that this API does not have are passed over, as OpenAI's does. */
final class AskReader {
    private static final int TOP_LOGPROBS = 20;
    private static final List<String> NO_TOOLS = List.of("tools", "functions", "function_call", "audio", "prediction");

    private final JsonMapper json;
    private final Fields fields;

    /** @param request an object */
    AskReader(JsonMapper json, JsonNode request) {
        this.json = json;
        this.fields = new Fields(request);
    }

    /** @throws ApiError 400 where it names none */
    String model() {
        return fields.text("model");
    }

    /**
     * A chat completion.
     *
     * @param messages as the model takes them
     */
    Ask chat(JsonNode messages) {
        fields.requireNone(NO_TOOLS, "the models of this server answer in text");
        requireNoToolChoice();
        requireTextFormat();
        requireTextModality();
        boolean logprobs = fields.flag("logprobs");
        Optional<Long> top = fields.count("top_logprobs");
        if (top.isPresent() && !logprobs) {
            throw ApiError.invalid("top_logprobs", "'top_logprobs' needs 'logprobs': true");
        }
        ObjectNode sampling = json.createObjectNode();
        if (logprobs) {
            sampling.put("logprobs", within("top_logprobs", top.orElse(0L)));
        }
        return ask(Shape.CHAT, sampling, List.of(Input.text("messages", json.writeValueAsBytes(messages))), Map.of());
    }

    /** A completion: the prompt as it stands, without the model's chat template. */
    Ask completion() {
        fields.requireNone(List.of("suffix", "echo"), "the answer is what follows the prompt");
        fields.requireOne("best_of");
        ObjectNode sampling = json.createObjectNode();
        fields.count("logprobs").ifPresent(count -> sampling.put("logprobs", within("logprobs", count)));
        return ask(
                Shape.COMPLETION,
                sampling,
                List.of(Input.text("text_input", prompt().getBytes(StandardCharsets.UTF_8))),
                Map.of("apply_chat_template", false));
    }

    private Ask ask(Shape shape, ObjectNode sampling, List<TensorData> prompt, Map<String, Object> parameters) {
        fields.requireOne("n");
        fields.requireNone(List.of("logit_bias"), "tokens cannot be favoured one by one");
        SamplingFields choices = new SamplingFields(fields);
        choices.write(sampling);
        boolean stream = fields.flag("stream");
        Optional<Fields> options = fields.object("stream_options");
        if (options.isPresent() && !stream) {
            throw ApiError.invalid("stream_options", "'stream_options' needs 'stream': true");
        }
        List<TensorData> inputs = new ArrayList<>(prompt);
        inputs.add(Input.flag("stream", stream));
        inputs.add(Input.flag("exclude_input_in_output", true));
        inputs.add(Input.flag("return_finish_reason", true));
        inputs.add(Input.flag("return_num_input_tokens", true));
        inputs.add(Input.flag("return_num_output_tokens", true));
        inputs.add(Input.flag("return_kv_metrics", true));
        boolean logprobs = sampling.has("logprobs");
        inputs.add(Input.flag("return_logprobs", logprobs));
        inputs.add(Input.text("sampling_parameters", json.writeValueAsBytes(sampling)));
        String id = shape.idPrefix() + UUID.randomUUID().toString().replace("-", "");
        InferenceRequest request = new InferenceRequest(model(), "", id, inputs, List.of(), parameters);
        boolean usage = options.map(each -> each.flag("include_usage")).orElse(false);
        return new Ask(request, shape, stream, usage, logprobs, choices.wantsMetrics());
    }

    private static long within(String name, long count) {
        if (count < 0 || count > TOP_LOGPROBS) {
            throw ApiError.invalid(name, "'" + name + "' must be 0 to " + TOP_LOGPROBS + ", got " + count);
        }
        return count;
    }

    private String prompt() {
        JsonNode prompt = fields.get("prompt").orElseThrow(() -> ApiError.invalid("prompt", "'prompt' is missing"));
        JsonNode one = prompt.isArray() && prompt.size() == 1 ? prompt.get(0) : prompt;
        if (!one.isString()) {
            throw ApiError.unsupported(
                    "prompt",
                    "'prompt' must be one string: several prompts need a request each, and tokens are not taken as numbers");
        }
        return one.asString();
    }

    private void requireNoToolChoice() {
        fields.get("tool_choice").ifPresent(choice -> {
            if (!List.of("none", "auto").contains(choice.asString(""))) {
                throw ApiError.unsupported(
                        "tool_choice",
                        "'tool_choice' must be \"none\" or \"auto\": the models of this server answer in text");
            }
        });
    }

    private void requireTextFormat() {
        String type = fields.object("response_format")
                .map(format -> format.text("type"))
                .orElse("text");
        if (!type.equals("text")) {
            throw ApiError.unsupported(
                    "response_format", "'response_format' must be of type text: answers are not constrained");
        }
    }

    private void requireTextModality() {
        fields.get("modalities").ifPresent(modalities -> {
            boolean text = modalities.isArray()
                    && modalities
                            .valueStream()
                            .allMatch(each -> each.asString("").equals("text"));
            if (!text) {
                throw ApiError.unsupported("modalities", "'modalities' must be [\"text\"]: answers are text");
            }
        });
    }
}
