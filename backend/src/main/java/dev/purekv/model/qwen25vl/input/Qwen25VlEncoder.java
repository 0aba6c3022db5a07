package dev.purekv.model.qwen25vl.input;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import dev.purekv.model.VisualInput;
import dev.purekv.text.ChatTemplate;
import dev.purekv.text.Message;
import dev.purekv.text.TokenDecoder;
import dev.purekv.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Prompts of Qwen2.5-VL. Reference: transformers 4.57.6 {@code processing_qwen2_5_vl.py} and qwen-vl-utils 0.0.14.
 *
 * <p>The prompt is tokenised with one placeholder a medium, and each is then repeated as id; the reference repeats its
 * text first, which gives the same ids, for a placeholder is a token of its own wherever it stands.
 *
 * <p>Differs on purpose: control tokens inside a message's text are refused. The reference reads them as control tokens,
 * so that words of a user could end their own turn or stand for pictures that are not there.
 */
public final class Qwen25VlEncoder implements PromptEncoder {
    /** The roles that chat templates of this family know; some print any other as it stands, into the prompt. */
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    /** No text has so many characters a token, but for long runs of one character; the usual ones have four. */
    private static final int CHARACTERS_A_TOKEN = 16;

    /** For the chat template's own words, which a model with very few positions could not hold otherwise. */
    private static final int MORE_CHARACTERS = 4096;

    private final InputSettings settings;
    private final MediaLimits limits;
    private final Tokenizer tokenizer;
    private final Optional<ChatTemplate> template;

    private Qwen25VlEncoder(
            InputSettings settings, MediaLimits limits, Tokenizer tokenizer, Optional<ChatTemplate> template) {
        this.settings = settings;
        this.limits = limits;
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /** @throws ServingException NOT_FOUND or INVALID_REQUEST when the folder is no usable checkpoint */
    public static Qwen25VlEncoder open(Path checkpoint, MediaLimits limits) {
        InputSettings settings = InputSettings.read(checkpoint);
        Optional<ChatTemplate> template = ChatTemplate.open(checkpoint);
        return new Qwen25VlEncoder(settings, limits, Tokenizer.open(checkpoint), template);
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
        if (conversation.isEmpty()) {
            throw ServingException.invalid("encoding a conversation: expected at least one message, got none");
        }
        requireShort(conversation.stream()
                .flatMap(message -> message.content().stream())
                .mapToLong(
                        part -> part instanceof Message.Text text ? text.text().length() : 0)
                .sum());
        conversation.forEach(this::check);
        List<Message.Part> media = conversation.stream()
                .flatMap(message -> message.content().stream())
                .filter(part -> !(part instanceof Message.Text))
                .toList();
        return encode(chat.render(conversation, true, Map.of()), media, cancelled);
    }

    @Override
    public ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
        return encode(prompt, media, cancelled);
    }

    /** Splitting text into tokens takes 400 bytes a character and cannot be cancelled: hopeless texts never begin. */
    private void requireShort(long characters) {
        long most = (long) CHARACTERS_A_TOKEN * settings.maxTokens() + MORE_CHARACTERS;
        if (characters > most) {
            throw ServingException.invalid(
                    "encoding a prompt: its text has %d characters, a model of %d tokens takes at most %d; send less text",
                    characters, settings.maxTokens(), most);
        }
    }

    private void check(Message message) {
        if (!ROLES.contains(message.role())) {
            throw ServingException.invalid(
                    "encoding a conversation: expected a role of system, user or assistant, got \"%s\"",
                    message.role());
        }
        // Neighbouring texts stand side by side in the prompt, so a token could be split between them.
        StringBuilder run = new StringBuilder();
        for (Message.Part part : message.content()) {
            if (part instanceof Message.Text text) {
                run.append(text.text());
            } else {
                refuseControlTokens(run);
                run.setLength(0);
            }
        }
        refuseControlTokens(run);
    }

    private void refuseControlTokens(CharSequence text) {
        String words = text.toString();
        for (String token : tokenizer.controlTokens().keySet()) {
            if (words.contains(token)) {
                throw ServingException.invalid(
                        "encoding a conversation: a message's text holds %s, a control token of this model; remove or respell it",
                        token);
            }
        }
    }

    private ModelPrompt encode(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
        requireShort(prompt.length());
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
        List<String> got = media.stream().map(Qwen25VlEncoder::kind).toList();
        if (!expected.equals(got)) {
            throw ServingException.invalid(
                    "encoding a prompt: its placeholders ask for %s, the media are %s; send one medium a placeholder, in order",
                    expected, got);
        }
    }

    private static String kind(Message.Part part) {
        if (part instanceof Message.Text) {
            return "text";
        }
        return part instanceof Message.Image ? "image" : "video";
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
