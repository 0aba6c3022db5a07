package dev.purekv.model.qwen25vl.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.media.Frame;
import dev.purekv.media.FrameChoice;
import dev.purekv.media.MediaGolden;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.VideoDecoder;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import dev.purekv.text.Message;
import dev.purekv.text.TextGolden;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(NoNativeLeak.class)
class FrameListTest {
    private Qwen25VlEncoder encoder;

    @BeforeEach
    void open() {
        encoder = Qwen25VlEncoder.open(TextGolden.folder("demonstration"), MediaLimits.DEFAULT);
    }

    @AfterEach
    void close() {
        encoder.close();
    }

    @Test
    void theFramesOfAClipAreThatClip() {
        JsonNode golden = MediaGolden.json().get("clips").get("h264.mp4");
        double rate = golden.get("sampleFps").asDouble();

        ModelPrompt clip = encode(new Message.Video(MediaGolden.bytes("h264.mp4")));
        ModelPrompt list = encode(new Message.Frames(chosenFrames("h264.mp4"), rate));

        VisualInput video = list.visuals().get(0);
        assertThat(list.ids()).isEqualTo(clip.ids());
        assertThat(video.kind()).isEqualTo(VisualInput.Kind.VIDEO);
        assertThat(video.frames().stream().map(frame -> MediaGolden.sha256(frame.rgb())))
                .containsExactlyElementsOf(MediaGolden.strings(golden.get("resizedSha256")));
        assertThat(video.secondsPerGrid()).isCloseTo(2 / rate, within(1e-9));
    }

    @Test
    void repeatsTheLastOfAnOddNumberOfFrames() {
        List<byte[]> frames = chosenFrames("h264.mp4").subList(0, 3);

        VisualInput video = encode(new Message.Frames(frames, 2)).visuals().get(0);

        assertThat(video.frames()).hasSize(4);
        assertThat(video.frames().get(3).rgb()).isEqualTo(video.frames().get(2).rgb());
        assertThat(video.secondsPerGrid()).isEqualTo(1.0);
    }

    @Test
    void refusesFramesOfSeveralSizes() {
        assertRefused(
                "the frames of a video must have one size",
                List.of(
                        MediaGolden.bytes("photo.jpg"),
                        chosenFrames("h264-97x61.mp4").get(0)));
    }

    @Test
    void refusesMoreFramesThanTheModelSamples() {
        assertRefused("at most 768", Collections.nCopies(769, MediaGolden.bytes("rgb.png")));
    }

    private void assertRefused(String why, List<byte[]> frames) {
        assertThatThrownBy(() -> encode(new Message.Frames(frames, 2)))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining(why);
    }

    private ModelPrompt encode(Message.Part part) {
        return encoder.encode(List.of(new Message("user", List.of(part, new Message.Text("?")))));
    }

    /** The frames that the encoder chooses of a clip, as png files of the clip's own size. */
    private static List<byte[]> chosenFrames(String clip) {
        InputSettings settings = InputSettings.read(TextGolden.folder("demonstration"));
        return VideoDecoder.decode(
                        MediaGolden.bytes(clip),
                        MediaLimits.DEFAULT,
                        () -> false,
                        facts -> new FrameChoice(
                                settings.sampling().choose(facts.frames(), facts.framesPerSecond()), frame -> frame))
                .frames()
                .stream()
                .map(FrameListTest::png)
                .toList();
    }

    private static byte[] png(Frame frame) {
        BufferedImage picture = new BufferedImage(frame.width(), frame.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < frame.width() * frame.height(); i++) {
            int red = frame.rgb()[3 * i] & 0xff;
            int green = frame.rgb()[3 * i + 1] & 0xff;
            int blue = frame.rgb()[3 * i + 2] & 0xff;
            picture.setRGB(i % frame.width(), i / frame.width(), red << 16 | green << 8 | blue);
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }
}
