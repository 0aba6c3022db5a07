package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import dev.purekv.text.Message;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessagesReaderTest {
    private static final byte[] CLIP = {1, 2, 3};

    @Test
    void textAndMediaPartsKeepTheirOrder() {
        List<Message> messages = MessagesReader.read("""
                [{"role": "system", "content": "Be brief."},
                 {"role": "user", "content": [
                   {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AQID"}},
                   {"type": "text", "text": "What?"},
                   {"type": "image", "image": "AQID"}]}]
                """, List.of(), List.of());
        assertThat(messages.get(0)).isEqualTo(new Message("system", List.of(new Message.Text("Be brief."))));
        assertThat(messages.get(1).content().get(0))
                .isInstanceOfSatisfying(
                        Message.Video.class, video -> assertThat(video.bytes()).isEqualTo(CLIP));
        assertThat(messages.get(1).content().get(1)).isEqualTo(new Message.Text("What?"));
        assertThat(messages.get(1).content().get(2)).isInstanceOf(Message.Image.class);
    }

    @Test
    void aPartWithoutAFileTakesTheNextOfTheTensor() {
        List<Message> messages = MessagesReader.read(
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video\"}]}]", List.of(), List.of(CLIP));
        assertThat(messages.get(0).content().get(0))
                .isInstanceOfSatisfying(
                        Message.Video.class, video -> assertThat(video.bytes()).isSameAs(CLIP));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\": \"video\", \"video\": [\"AQID\", \"data:image/png;base64,BAUG\"], \"sample_fps\": 4}",
                "{\"type\": \"video_url\", \"video_url\": {\"url\": \"data:video/jpeg;base64,AQID,BAUG\"}, \"fps\": 4}"
            })
    void aClipMayComeAsItsFrames(String part) {
        List<Message> messages =
                MessagesReader.read("[{\"role\": \"user\", \"content\": [" + part + "]}]", List.of(), List.of());
        assertThat(messages.get(0).content().get(0)).isInstanceOfSatisfying(Message.Frames.class, frames -> {
            assertThat(frames.pictures()).containsExactly(CLIP, new byte[] {4, 5, 6});
            assertThat(frames.framesPerSecond()).isEqualTo(4.0);
        });
    }

    @Test
    void framesWithoutARateAreTwoASecond() {
        List<Message> messages = MessagesReader.read(
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video\", \"video\": [\"AQID\"]}]}]",
                List.of(),
                List.of());
        assertThat(messages.get(0).content().get(0))
                .isInstanceOfSatisfying(
                        Message.Frames.class,
                        frames -> assertThat(frames.framesPerSecond()).isEqualTo(2.0));
    }

    @Test
    void filesThatNoPartTakesAreAnError() {
        assertThatThrownBy(() ->
                        MessagesReader.read("[{\"role\": \"user\", \"content\": \"hi\"}]", List.of(), List.of(CLIP)))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("more files");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "[]",
                "[1]",
                "[{\"role\": 1, \"content\": \"x\"}]",
                "[{\"content\": \"x\"}]",
                "[{\"role\": \"user\"}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"audio\"}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"text\"}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video\", \"video\": []}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video\", \"video\": [\"http://x/y\"]}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video\", \"video\": [\"AQID\"], \"fps\": 0}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"video_url\", \"video_url\": {\"url\": \"data:video/jpeg;base64,AQID,\"}}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": 5}}]}]",
                "[{\"role\": \"user\", \"content\": [{\"type\": \"image_url\", \"image_url\": {\"url\": \"http://x/y\"}}]}]"
            })
    void brokenConversationsAreRefused(String json) {
        assertThatThrownBy(() -> MessagesReader.read(json, List.of(), List.of()))
                .isInstanceOf(ServingException.class);
    }

    @Test
    void nestingDeeperThanAnyConversationIsRefused() {
        assertThatThrownBy(() -> MessagesReader.read("[".repeat(100_000), List.of(), List.of()))
                .isInstanceOf(ServingException.class);
    }
}
