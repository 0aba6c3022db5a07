package dev.purekv.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.purekv.ServingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A checkpoint's chat template, with the variables and functions that transformers gives it.
 *
 * <p>The template comes from the checkpoint; messages come from anyone. Messages are data only: text that looks like a
 * template is not rendered again, nothing is escaped, and templates see plain maps, lists and strings. Differs from
 * jinja2: a variable that is none counts as undefined.
 */
public final class ChatTemplate {
    private static final int MAX_OUTPUT_CHARACTERS = 16 << 20;
    private static final int MAX_DEPTH = 20;
    private static final List<String> NAMED_TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token");

    private final Jinjava jinjava;
    private final String template;
    private final Map<String, Object> variables;

    private ChatTemplate(String template, Map<String, Object> variables) {
        this.template = TemplateWhitespace.apply(template);
        this.variables = variables;
        this.jinjava = new Jinjava(config());
        jinjava.getGlobalContext().registerFunction(function("raise_exception", "raise", String.class));
        jinjava.getGlobalContext().registerFunction(function("strftime_now", "now", String.class));
    }

    private static ELFunctionDefinition function(String name, String method, Class<?>... parameters) {
        return new ELFunctionDefinition("", name, TemplateFunctions.class, method, parameters);
    }

    private static JinjavaConfig config() {
        return JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false)
                .withEnableRecursiveMacroCalls(false)
                .withMaxRenderDepth(MAX_DEPTH)
                .withMaxOutputSize(MAX_OUTPUT_CHARACTERS)
                .withLegacyOverrides(LegacyOverrides.newBuilder()
                        .withUsePyishObjectMapper(true)
                        .withKeepNullableLoopValues(true)
                        .build())
                .build();
    }

    /**
     * Finds the template where transformers looks for it: {@code chat_template.jinja}, {@code chat_template.json},
     * {@code tokenizer_config.json}.
     *
     * @return empty when the checkpoint has none
     */
    public static Optional<ChatTemplate> open(Path checkpoint) {
        JsonNode tokenizerConfig = JsonFile.readIfPresent(checkpoint.resolve("tokenizer_config.json"))
                .orElse(null);
        Map<String, Object> variables = new HashMap<>();
        for (String name : NAMED_TOKENS) {
            named(tokenizerConfig, name).ifPresent(token -> variables.put(name, token));
        }
        return JsonFile.text(checkpoint.resolve("chat_template.jinja"))
                .or(() -> JsonFile.readIfPresent(checkpoint.resolve("chat_template.json"))
                        .flatMap(ChatTemplate::template))
                .or(() -> Optional.ofNullable(tokenizerConfig).flatMap(ChatTemplate::template))
                .map(text -> new ChatTemplate(text, variables));
    }

    /** A text, or a list of named ones of which "default" counts. */
    private static Optional<String> template(JsonNode file) {
        JsonNode value = file.path("chat_template");
        for (JsonNode named : value) {
            if (named.path("name").asString("").equals("default")) {
                return Optional.of(named.path("template").asString(""));
            }
        }
        return value.isString() ? Optional.of(value.asString()) : Optional.empty();
    }

    /** A token is given by its text or by an object that holds it. */
    private static Optional<String> named(JsonNode config, String name) {
        if (config == null) {
            return Optional.empty();
        }
        JsonNode token = config.path(name);
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isString() ? Optional.of(text.asString()) : Optional.empty();
    }

    /**
     * @return the prompt, ready for the tokenizer
     * @throws ServingException INVALID_REQUEST when the template refuses the conversation
     */
    public String render(List<Message> conversation, boolean addGenerationPrompt, Map<String, Object> more) {
        Map<String, Object> bindings = new HashMap<>(variables);
        bindings.putAll(more);
        bindings.put("messages", conversation.stream().map(ChatTemplate::plain).toList());
        bindings.put("add_generation_prompt", addGenerationPrompt);
        RenderResult result = jinjava.renderForResult(template, bindings);
        for (TemplateError error : result.getErrors()) {
            throw refusal(error);
        }
        return result.getOutput();
    }

    private static ServingException refusal(TemplateError error) {
        for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
            if (cause instanceof ServingException raised) {
                return raised;
            }
        }
        return ServingException.invalid(
                "applying the chat template: line %d: %s; check roles and their order",
                error.getLineno(), error.getMessage());
    }

    /** Text alone is given as a string, which every template knows; anything else as a list of typed parts. */
    private static Map<String, Object> plain(Message message) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("role", message.role());
        map.put("content", content(message));
        return map;
    }

    private static Object content(Message message) {
        if (message.content().stream().allMatch(Message.Text.class::isInstance)) {
            StringBuilder text = new StringBuilder();
            message.content().forEach(part -> text.append(((Message.Text) part).text()));
            return text.toString();
        }
        List<Map<String, Object>> parts = new ArrayList<>();
        for (Message.Part part : message.content()) {
            Map<String, Object> map = new LinkedHashMap<>();
            if (part instanceof Message.Text text) {
                map.put("type", "text");
                map.put("text", text.text());
            } else {
                map.put("type", part instanceof Message.Image ? "image" : "video");
            }
            parts.add(map);
        }
        return parts;
    }
}
