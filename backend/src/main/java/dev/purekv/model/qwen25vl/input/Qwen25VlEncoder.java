package dev.purekv.model.qwen25vl.input;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import dev.purekv.model.VisualInput;
import dev.purekv.model.input.PromptRules;
import dev.purekv.text.ChatTemplate;
import dev.purekv.text.Message;
import dev.purekv.text.TokenDecoder;
import dev.purekv.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Prompts of Qwen2.5-VL. Reference: transformers 4.57.6 {@code processing_qwen2_5_vl.py} and qwen-vl-utils 0.0.14.
 *
 * <p>The prompt is tokenised with one placeholder a medium, and each is then repeated as id; the reference repeats its
 * text first, which gives the same ids, for a placeholder is a token of its own wherever it stands.
 *
 * <p>Differs on purpose: control tokens inside a message's text are refused ({@link PromptRules}).
 */
public final class Qwen25VlEncoder implements PromptEncoder {
    private final InputSettings settings;
    private final MediaLimits limits;
    private final Tokenizer tokenizer;
    private final Optional<ChatTemplate> template;
    private final PromptRules rules;

    private Qwen25VlEncoder(
            InputSettings settings, MediaLimits limits, Tokenizer tokenizer, Optional<ChatTemplate> template) {
        this.settings = settings;
        this.limits = limits;
        this.tokenizer = tokenizer;
        this.template = template;
        this.rules = new PromptRules(tokenizer.controlTokens().keySet(), settings.maxTokens());
    }

    /** @throws ServingException NOT_FOUND or INVALID_REQUEST when the folder is no usable checkpoint */
    public static Qwen25VlEncoder open(Path checkpoint, MediaLimits limits) {
        InputSettings settings = InputSettings.read(checkpoint);
        Optional<ChatTemplate> template = ChatTemplate.open(checkpoint);
        return new Qwen25VlEncoder(settings, limits, Tokenizer.open(checkpoint), template);
    }

    /** @return the same encoder under other limits; the tokenizer stays this one's */
    public PromptEncoder within(MediaLimits others) {
        return new Qwen25VlEncoder(settings, others, tokenizer, template);
    }

    /** Makes a decoder for one answer; its argument says whether control tokens are left out. */
    public Function<Boolean, TokenDecoder> decoders() {
        return tokenizer.decoders();
    }

    @Override
    public ModelPrompt encode(List<Message> conversation, BooleanSupplier cancelled) {
        ChatTemplate chat = template.orElseThrow(
                () -> ServingException.unsupported(
                        "encoding a conversation: this checkpoint has no chat template; send a prompt in the model's own format"));
        rules.check(conversation);
        return encode(chat.render(conversation, true, Map.of()), PromptRules.media(conversation), cancelled);
    }

    @Override
    public ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
        return encode(prompt, media, cancelled);
    }

    private ModelPrompt encode(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
        rules.requireShort(prompt.length());
        int[] ids = tokenizer.encode(prompt);
        if (ids.length == 0) {
            throw ServingException.invalid("encoding a prompt: expected text, got none");
        }
        checkPlaceholders(ids, media);
        VisualInputs inputs = new VisualInputs(settings, limits, cancelled);
        List<VisualInput> visuals = new ArrayList<>();
        IntStream.Builder expanded = IntStream.builder();
        for (int id : ids) {
            int copies = 1;
            if (id == settings.imageToken() || id == settings.videoToken()) {
                VisualInput visual = inputs.read(media.get(visuals.size()));
                visuals.add(visual);
                copies = visual.grid().patches() / (settings.merge() * settings.merge());
            }
            for (int i = 0; i < copies; i++) {
                expanded.add(id);
            }
        }
        return new ModelPrompt(expanded.build().toArray(), visuals);
    }

    /** Placeholders and media must agree, one by one, before any medium costs work. */
    private void checkPlaceholders(int[] ids, List<Message.Part> media) {
        List<String> expected = new ArrayList<>();
        for (int id : ids) {
            if (id == settings.imageToken() || id == settings.videoToken()) {
                expected.add(id == settings.imageToken() ? "image" : "video");
            }
        }
        PromptRules.requireMedia(expected, media);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
