package dev.purekv.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.purekv.ServingException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A checkpoint's {@code tokenizer.json}, or what older files become as such ({@link TokenizerFiles}), run by the Rust library
 * that wrote it. Any thread; close frees its native part.
 *
 * <p>Never truncates, pads or adds tokens of its own: what the prompt says is what the model reads.
 */
public final class Tokenizer implements AutoCloseable {
    private static final Map<String, String> OPTIONS =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final Map<String, Integer> controlTokens;

    private Tokenizer(HuggingFaceTokenizer tokenizer, Map<String, Integer> controlTokens) {
        this.tokenizer = tokenizer;
        this.controlTokens = controlTokens;
    }

    /**
     * @param checkpoint the folder that holds {@code tokenizer.json}, or older files of a tokenizer
     * @throws ServingException NOT_FOUND without them, INVALID_REQUEST or UNSUPPORTED for files that cannot be used
     */
    public static Tokenizer open(Path checkpoint) {
        JsonNode json = TokenizerFiles.json(checkpoint);
        Map<String, Integer> controls = new LinkedHashMap<>();
        for (JsonNode token : json.path("added_tokens")) {
            if (token.path("special").asBoolean(false)) {
                controls.put(token.path("content").asString(), token.path("id").asInt());
            }
        }
        try {
            var in = new ByteArrayInputStream(TokenizerFiles.bytes(checkpoint, json));
            return new Tokenizer(HuggingFaceTokenizer.newInstance(in, OPTIONS), controls);
        } catch (IOException | RuntimeException e) {
            throw ServingException.invalid(
                    "opening a checkpoint: %s is no usable tokenizer: %s",
                    checkpoint.resolve("tokenizer.json"), e.getMessage());
        }
    }

    /** Tokens that steer the model, such as {@code <|im_end|>}: their text and ids. */
    public Map<String, Integer> controlTokens() {
        return Map.copyOf(controlTokens);
    }

    /** @throws ServingException INVALID_REQUEST for text that holds half of a surrogate pair */
    public int[] encode(String text) {
        requireWhole(text);
        long[] ids = tokenizer.encode(text, false, false).getIds();
        int[] result = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            result[i] = Math.toIntExact(ids[i]);
        }
        return result;
    }

    /** Such text is no Unicode, and the native side would read other bytes than were meant. */
    private static void requireWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                throw ServingException.invalid(
                        "tokenizing a prompt: expected Unicode text, character %d is half of a surrogate pair", i);
            }
        }
    }

    public String decode(long[] ids, boolean skipControlTokens) {
        return tokenizer.decode(ids, skipControlTokens);
    }

    /** Makes a decoder for one answer; its argument says whether control tokens are left out. */
    public Function<Boolean, TokenDecoder> decoders() {
        return skip -> new StreamedDecoder(this, skip);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
