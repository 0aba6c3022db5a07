package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PromptEncoder;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.VisualTokens;
import dev.purekv.model.input.PromptRules;
import dev.purekv.text.ChatTemplate;
import dev.purekv.text.Message;
import dev.purekv.text.TokenDecoder;
import dev.purekv.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Prompts of VideoLLaMA2. What stands between the tags is tokenised piece by piece, so that a tokenizer that puts a space before a
 * text does so after each tag too.
 *
 * <p>Source: {@code tokenizer_multimodal_token} in the original's {@code mm_utils.py}; {@code tokenizer_MMODAL_token} before
 * version 1.5. Differs: tags and control tokens in a message's own words are refused.
 */
public final class VideoLlama2Encoder implements PromptEncoder {
    private static final Pattern TAG = Pattern.compile(PromptWriter.IMAGE + "|" + PromptWriter.VIDEO);

    private final Parts parts;
    private final FamilySettings settings;
    private final PromptWriter writer;
    private final PromptRules rules;
    private final MediaLimits limits;

    /**
     * What a checkpoint says of its inputs.
     *
     * @param frames that the model sees of a clip
     * @param side patches on a side of the tower's square
     * @param firstToken begins every text before version 1.5
     * @param maxTokens longest sequence that the positions allow
     */
    public record Parts(
            Tokenizer tokenizer,
            Optional<ChatTemplate> template,
            TowerPictures tower,
            VisualTokens tokens,
            boolean mistral,
            int frames,
            int side,
            int firstToken,
            int maxTokens) {
        /** Makes a decoder for one answer; its argument says whether control tokens are left out. */
        public Function<Boolean, TokenDecoder> decoders() {
            return tokenizer.decoders();
        }
    }

    /**
     * @param parts stay the caller's
     * @throws ServingException INVALID_REQUEST for a version of the code that knows no such checkpoint
     */
    public VideoLlama2Encoder(Parts parts, FamilySettings settings, MediaLimits limits) {
        if (settings.code() == CodeVersion.V1_0 && !parts.mistral()) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter 'videollama2.code' must be v1.5 for a checkpoint with a Qwen2 decoder: it is younger "
                            + "than v1.0");
        }
        Set<String> refused = new HashSet<>(parts.tokenizer().controlTokens().keySet());
        refused.add(PromptWriter.IMAGE);
        refused.add(PromptWriter.VIDEO);
        this.parts = parts;
        this.settings = settings;
        this.writer = new PromptWriter(settings.code(), parts.template(), parts.mistral());
        this.rules = new PromptRules(refused, parts.maxTokens());
        this.limits = limits;
    }

    @Override
    public ModelPrompt encode(List<Message> conversation, BooleanSupplier cancelled) {
        rules.check(conversation);
        return encodeRaw(writer.write(conversation), PromptRules.media(conversation), cancelled);
    }

    @Override
    public ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
        rules.requireShort(prompt.length());
        List<String> kinds = TAG.matcher(prompt)
                .results()
                .map(tag -> tag.group().equals(PromptWriter.IMAGE) ? "image" : "video")
                .toList();
        PromptRules.requireMedia(kinds, media);
        ClipFrames frames = new ClipFrames(parts.tower(), parts.frames(), parts.side(), settings, limits, cancelled);
        List<VisualInput> visuals = new ArrayList<>();
        IntStream.Builder ids = IntStream.builder();
        if (settings.code() == CodeVersion.V1_0) {
            ids.add(parts.firstToken());
        }
        Matcher tag = TAG.matcher(prompt);
        int from = 0;
        while (tag.find()) {
            add(ids, prompt.substring(from, tag.start()));
            from = tag.end();
            VisualInput visual = frames.read(media.get(visuals.size()));
            visuals.add(visual);
            int copies = parts.tokens().span(visual, 0).tokens();
            requireRoom(visuals);
            for (int i = 0; i < copies; i++) {
                ids.add(parts.tokens().placeholder(visual.kind()));
            }
        }
        add(ids, prompt.substring(from));
        int[] all = ids.build().toArray();
        if (all.length == 0) {
            throw ServingException.invalid("encoding a prompt: expected text, got none");
        }
        return new ModelPrompt(all, visuals);
    }

    private void add(IntStream.Builder ids, String text) {
        for (int id : text.isEmpty() ? new int[0] : parts.tokenizer().encode(text)) {
            ids.add(id);
        }
    }

    /** Many small files must not fill the memory with frames that no prompt can hold. */
    private void requireRoom(List<VisualInput> visuals) {
        long needed = visuals.stream()
                .mapToLong(visual -> parts.tokens().span(visual, 0).tokens())
                .sum();
        if (needed > parts.maxTokens()) {
            throw ServingException.invalid(
                    "encoding a prompt: its media need %d tokens, the model reads at most %d; send fewer media",
                    needed, parts.maxTokens());
        }
    }

    /** Its tokenizer is the checkpoint's. */
    @Override
    public void close() {}
}
