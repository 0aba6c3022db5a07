package dev.purekv.evaluation;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.text.Message;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A question about a clip, and what is appended when another one follows.
 *
 * @param followUp ids after the answer: its end token, the next question, and what asks for its answer; empty without one
 */
record Conversation(ModelPrompt prompt, int[] followUp) {
    /** @throws ServingException UNSUPPORTED for a chat template that changes earlier turns when another follows, or marks no end of them */
    static Conversation about(byte[] clip, Question question, LoadedModel loaded) {
        Message first = new Message("user", List.of(new Message.Video(clip), new Message.Text(question.question())));
        ModelPrompt prompt = loaded.encoder().encode(List.of(first));
        if (question.next() == null) {
            return new Conversation(prompt, new int[0]);
        }
        // What follows an answer does not depend on it, so the right one stands for all.
        int[] longer = loaded.encoder()
                .encode(List.of(
                        first,
                        said("assistant", question.answer()),
                        said("user", question.next().question())))
                .ids();
        return new Conversation(
                prompt, after(prompt.ids(), longer, loaded.defaults().endTokens()));
    }

    private static Message said(String role, String text) {
        return new Message(role, List.of(new Message.Text(text)));
    }

    private static int[] after(int[] prompt, int[] longer, Set<Integer> ends) {
        boolean continues =
                longer.length > prompt.length && Arrays.equals(prompt, Arrays.copyOf(longer, prompt.length));
        for (int i = prompt.length; continues && i < longer.length; i++) {
            if (ends.contains(longer[i])) {
                return Arrays.copyOfRange(longer, i, longer.length);
            }
        }
        throw ServingException.unsupported(
                "asking a second question: expected a chat template that leaves earlier turns as they are and ends each with one of "
                        + "the tokens %s; this one does not",
                ends);
    }
}
