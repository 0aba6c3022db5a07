package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import dev.purekv.text.ChatTemplate;
import dev.purekv.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a conversation as one text, with a tag where a picture or clip stands.
 *
 * <p>Source: {@code mm_infer} in the original's {@code __init__.py}, with the checkpoint's chat template; before version 1.5 the
 * template {@code llama2} in {@code conversation.py}. Differs: pictures and clips may stand in any turn, and a system message of the
 * conversation takes the place of the one that the reference puts before every Mistral prompt.
 *
 * @param template of the checkpoint; not needed before version 1.5
 * @param mistral whether the decoder is Mistral's, which wants that message
 */
record PromptWriter(CodeVersion code, Optional<ChatTemplate> template, boolean mistral) {
    static final String IMAGE = "<image>";
    static final String VIDEO = "<video>";

    private static final String HELPFUL =
            "You are a helpful, respectful and honest assistant. Always answer as helpfully as possible, while being safe.  "
                    + "Your answers should not include any harmful, unethical, racist, sexist, toxic, dangerous, or illegal content. "
                    + "Please ensure that your responses are socially unbiased and positive in nature.";
    private static final String HONEST =
            "If a question does not make any sense, or is not factually coherent, explain why instead of answering something not "
                    + "correct. If you don't know the answer to a question, please don't share false information.";
    private static final String SYSTEM = "system";

    String write(List<Message> conversation) {
        List<Message> turns = new ArrayList<>();
        Optional<String> system = Optional.empty();
        boolean first = true;
        for (Message message : conversation) {
            if (message.role().equals(SYSTEM) && turns.isEmpty() && system.isEmpty()) {
                system = Optional.of(text(message));
            } else {
                // Before the first turn's words stands the tag's line, and the line's end where there is no tag.
                String bare = first && code == CodeVersion.V1_5 && !hasMedia(message) ? "\n" : "";
                turns.add(new Message(message.role(), List.of(new Message.Text(bare + text(message)))));
                first = false;
            }
        }
        return code == CodeVersion.V1_5 ? templated(system, turns) : llama2(system, turns);
    }

    private static boolean hasMedia(Message message) {
        return message.content().stream().anyMatch(part -> !(part instanceof Message.Text));
    }

    private static String text(Message message) {
        StringBuilder text = new StringBuilder();
        for (Message.Part part : message.content()) {
            if (part instanceof Message.Text words) {
                text.append(words.text());
            } else {
                text.append(part instanceof Message.Image ? IMAGE : VIDEO).append('\n');
            }
        }
        return text.toString();
    }

    private String templated(Optional<String> system, List<Message> turns) {
        ChatTemplate chat = template.orElseThrow(() -> ServingException.unsupported(
                "encoding a conversation: this checkpoint has no chat template; set the parameter videollama2.code to v1.0, "
                        + "or send a prompt in the model's own format"));
        List<Message> all = new ArrayList<>();
        if (mistral) {
            String words = "<<SYS>>\n" + system.orElse(HELPFUL + "\n" + HONEST) + "\n<</SYS>>";
            all.add(new Message(SYSTEM, List.of(new Message.Text(words))));
        } else {
            system.ifPresent(words -> all.add(new Message(SYSTEM, List.of(new Message.Text(words)))));
        }
        all.addAll(turns);
        return chat.render(all, true, Map.of());
    }

    private static String llama2(Optional<String> system, List<Message> turns) {
        StringBuilder prompt = new StringBuilder();
        for (int i = 0; i < turns.size(); i++) {
            String words = text(turns.get(i));
            if (!turns.get(i).role().equals(i % 2 == 0 ? "user" : "assistant")) {
                throw ServingException.invalid(
                        "encoding a conversation: expected turns of user and assistant by turns, turn %d is of %s",
                        i, turns.get(i).role());
            }
            if (i == 0) {
                words = "<<SYS>>\n" + system.orElse(HELPFUL + "\n\n" + HONEST) + "\n<</SYS>>\n\n" + words;
            }
            prompt.append(i % 2 == 1 ? " " + words + " </s>" : (i == 0 ? "" : "<s>") + "[INST] " + words + " [/INST]");
        }
        return prompt.toString();
    }
}
