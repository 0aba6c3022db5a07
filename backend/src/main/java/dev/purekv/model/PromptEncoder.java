package dev.purekv.model;

import dev.purekv.text.Message;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Turns a conversation into what the model reads: chat template, tokenizer, frame sampling, resizing. Any thread. */
public interface PromptEncoder extends AutoCloseable {
    /**
     * Applies the checkpoint's chat template, with the generation prompt at the end.
     *
     * @param cancelled asked while videos are decoded
     * @throws dev.purekv.ServingException INVALID_REQUEST for media that cannot be read or a template that refuses,
     *     CANCELLED when {@code cancelled} said so
     */
    ModelPrompt encode(List<Message> conversation, BooleanSupplier cancelled);

    /**
     * Takes a prompt that is already in the model's own format and holds one placeholder per medium.
     *
     * @param media images and videos in the order of their placeholders
     * @param cancelled asked while videos are decoded
     * @throws dev.purekv.ServingException INVALID_REQUEST when placeholders and media do not match, CANCELLED
     */
    ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled);

    default ModelPrompt encode(List<Message> conversation) {
        return encode(conversation, () -> false);
    }

    default ModelPrompt encodeRaw(String prompt, List<Message.Part> media) {
        return encodeRaw(prompt, media, () -> false);
    }

    @Override
    void close();
}
