package dev.purekv.model;

import dev.purekv.text.Message;
import java.util.List;

/** Turns a conversation into what the model reads: chat template, tokenizer, frame sampling, resizing. Any thread. */
public interface PromptEncoder {
    /**
     * Applies the checkpoint's chat template, with the generation prompt at the end.
     *
     * @throws dev.purekv.ServingException INVALID_REQUEST for media that cannot be read or a template that refuses
     */
    ModelPrompt encode(List<Message> conversation);

    /**
     * Takes a prompt that is already in the model's own format and holds one placeholder per medium.
     *
     * @param media images and videos in the order of their placeholders
     * @throws dev.purekv.ServingException INVALID_REQUEST when placeholders and media do not match
     */
    ModelPrompt encodeRaw(String prompt, List<Message.Part> media);
}
