package dev.purekv.model.input;

import dev.purekv.ServingException;
import dev.purekv.text.Message;
import java.util.List;
import java.util.Set;

/**
 * What every family asks of a conversation before it costs work.
 *
 * <p>Control tokens inside a message's text are refused. References read them as control tokens, so that words of a user could end
 * their own turn or stand for pictures that are not there.
 *
 * @param controlTokens texts that no message may hold
 * @param maxTokens longest sequence that the positions allow
 */
public record PromptRules(Set<String> controlTokens, int maxTokens) {
    /** The roles that chat templates know; some print any other as it stands, into the prompt. */
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    /** No text has so many characters a token, but for long runs of one character; the usual ones have four. */
    private static final int CHARACTERS_A_TOKEN = 16;

    /** For the chat template's own words, which a model with very few positions could not hold otherwise. */
    private static final int MORE_CHARACTERS = 4096;

    public PromptRules {
        controlTokens = Set.copyOf(controlTokens);
    }

    /** @throws ServingException INVALID_REQUEST */
    public void check(List<Message> conversation) {
        if (conversation.isEmpty()) {
            throw ServingException.invalid("encoding a conversation: expected at least one message, got none");
        }
        requireShort(conversation.stream()
                .flatMap(message -> message.content().stream())
                .mapToLong(
                        part -> part instanceof Message.Text text ? text.text().length() : 0)
                .sum());
        conversation.forEach(this::check);
    }

    /** Splitting text into tokens takes 400 bytes a character and cannot be cancelled: hopeless texts never begin. */
    public void requireShort(long characters) {
        long most = (long) CHARACTERS_A_TOKEN * maxTokens + MORE_CHARACTERS;
        if (characters > most) {
            throw ServingException.invalid(
                    "encoding a prompt: its text has %d characters, a model of %d tokens takes at most %d; send less text",
                    characters, maxTokens, most);
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
        for (String token : controlTokens) {
            if (words.contains(token)) {
                throw ServingException.invalid(
                        "encoding a conversation: a message's text holds %s, a control token of this model; remove or respell it",
                        token);
            }
        }
    }

    /**
     * Requires that placeholders and media agree, one by one.
     *
     * @param expected "image" or "video" for each placeholder of a prompt
     */
    public static void requireMedia(List<String> expected, List<Message.Part> media) {
        List<String> got = media.stream().map(PromptRules::kind).toList();
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

    /** The images and videos of a conversation, in order. */
    public static List<Message.Part> media(List<Message> conversation) {
        return conversation.stream()
                .flatMap(message -> message.content().stream())
                .filter(part -> !(part instanceof Message.Text))
                .toList();
    }
}
