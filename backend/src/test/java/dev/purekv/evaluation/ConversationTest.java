package dev.purekv.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.text.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A second question in the same conversation, with the demonstration model. */
@ExtendWith(NoNativeLeak.class)
class ConversationTest {
    private static final Path MODEL = Path.of("..", "model-repository", "moving-digits");
    private static final Question COUNT = new Question("", "count", "How many digits are there?", "4", null);
    private static final Question FIRST = new Question("", "flash", "Which digit flashes?", "none", COUNT);

    private LoadedModel loaded;
    private byte[] clip;

    @BeforeEach
    void open() throws Exception {
        loaded = ModelFamily.open(MODEL.resolve("1"), ModelSettings.read(Map.of()));
        clip = Files.readAllBytes(MODEL.resolve("samples/digits-16x112-1.mp4"));
    }

    @AfterEach
    void close() {
        loaded.close();
    }

    private static Message said(String role, Message.Part... parts) {
        return new Message(role, List.of(parts));
    }

    /** The conversation as the chat template writes it whole. */
    private ModelPrompt whole(String answer) {
        return loaded.encoder()
                .encode(List.of(
                        said("user", new Message.Video(clip), new Message.Text(FIRST.question())),
                        said("assistant", new Message.Text(answer)),
                        said("user", new Message.Text(COUNT.question()))));
    }

    @Test
    void whatIsAppendedMakesTheConversationThatTheTemplateWrites() {
        Conversation conversation = Conversation.about(clip, FIRST, loaded);
        int[] more = conversation.followUp();
        int[] whole = whole("none").ids();
        assertThat(whole).startsWith(conversation.prompt().ids()).endsWith(more);
        assertThat(loaded.defaults().endTokens()).contains(more[0]);
        int answer = whole.length - more.length - conversation.prompt().tokens();
        assertThat(answer).isBetween(1, 6);
    }

    /** Also where the first answer is cut short, whose last token is in no cache yet. */
    @Test
    void theSecondAnswerIsThatOfTheWholeConversation() {
        Conversation conversation = Conversation.about(clip, FIRST, loaded);
        for (int limit : new int[] {1, 32}) {
            Answerer answerer = new Answerer(loaded, limit);
            Answerer.Answered both = answerer.answer(conversation, KvSettings.DEFAULT, PrefillWitness.NONE);
            Conversation asked = new Conversation(whole(both.text()), new int[0]);
            assertThat(both.followUp())
                    .isNotEmpty()
                    .isEqualTo(answerer.answer(asked, KvSettings.DEFAULT, PrefillWitness.NONE)
                            .text());
        }
    }

    @Test
    void theLastQuestionAboutAClipHasNoSecond() {
        Conversation conversation = Conversation.about(clip, COUNT, loaded);
        assertThat(conversation.followUp()).isEmpty();
        Answerer answerer = new Answerer(loaded, 8);
        Answerer.Answered answered = answerer.answer(conversation, KvSettings.DEFAULT, PrefillWitness.NONE);
        assertThat(answered.followUp()).isNull();
        assertThat(answered.tokens()).isEqualTo(1);
        assertThat(answered.second()).hasSize(loaded.model().vocabulary());
    }
}
