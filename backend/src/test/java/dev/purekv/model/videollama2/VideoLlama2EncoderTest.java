package dev.purekv.model.videollama2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.media.Frame;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.SharedCheckpoint;
import dev.purekv.model.VisualInput;
import dev.purekv.model.videollama2.input.CodeVersion;
import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.model.videollama2.input.TowerPictures;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.text.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Token ids and pixel values of whole questions, and what is refused. */
@ExtendWith(NoNativeLeak.class)
class VideoLlama2EncoderTest {
    private static final Path CLIP =
            Path.of("..", "model-repository", "moving-digits", "samples", "digits-16x112-1.mp4");

    static List<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (String of : List.of("mistral", "qwen2", "mistral-before")) {
            OriginalCases.of(of).forEach(golden -> all.add(Arguments.of(of, golden)));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesTheIdsAndThePixelsOfTheOriginal(String of, OriginalCases.Case golden) {
        try (TinyCheckpoint checkpoint = TinyCheckpoint.open(of, golden.frames());
                LoadedModel loaded = checkpoint.under(golden.padding())) {
            ModelPrompt prompt = loaded.encoder().encode(golden.conversation(checkpoint.code()));
            assertThat(prompt.tokens()).isEqualTo(golden.length());
            assertThat(collapsed(prompt.ids())).isEqualTo(golden.ids());
            for (VisualInput visual : prompt.visuals()) {
                assertThat(sha256(visual, TowerPictures.read(checkpoint.directory())))
                        .isEqualTo(golden.pixelsSha256());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void readsCheckpointsThatHoldTheirTokenizerInOlderFilesAlone(String of) throws IOException {
        try (TinyCheckpoint whole = TinyCheckpoint.open(of, 2)) {
            Files.delete(whole.directory().resolve("tokenizer.json"));
            try (SharedCheckpoint older = VideoLlama2Checkpoint.open(whole.directory(), ComputeDevice.CPU)) {
                for (String name : List.of("picture-tall", "text")) {
                    OriginalCases.Case golden = OriginalCases.named(of, name);
                    ModelPrompt prompt = older.under(ModelSettings.read(Map.of()))
                            .encoder()
                            .encode(golden.conversation(CodeVersion.V1_5));
                    assertThat(collapsed(prompt.ids())).isEqualTo(golden.ids());
                }
            }
        }
    }

    /** One id where many of one kind follow one another. */
    private static int[] collapsed(int[] ids) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= 0 || i == 0 || ids[i] != ids[i - 1]) {
                kept.add(ids[i]);
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Of the numbers (F, 3, side, side) as little-endian float32. */
    private static String sha256(VisualInput visual, TowerPictures tower) {
        float[] table = tower.pixels().table();
        ByteBuffer all = ByteBuffer.allocate(visual.frames().size() * 3 * tower.side() * tower.side() * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (Frame frame : visual.frames()) {
            for (int channel = 0; channel < 3; channel++) {
                for (int pixel = 0; pixel < frame.width() * frame.height(); pixel++) {
                    all.putFloat(table[channel * 256 + (frame.rgb()[3 * pixel + channel] & 255)]);
                }
            }
        }
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void takesTheSameFramesOfAFileAsAreSentOneByOne() throws IOException {
        try (TinyCheckpoint checkpoint = TinyCheckpoint.open("mistral", 8);
                LoadedModel loaded = checkpoint.under(false)) {
            VisualInput video = loaded.encoder()
                    .encode(asked(new Message.Video(Files.readAllBytes(CLIP))))
                    .visuals()
                    .get(0);
            assertThat(video.frames()).hasSize(8);
            assertThat(video.grid().t()).isEqualTo(8);
            assertThat(video.frames().stream().distinct().count()).isEqualTo(8);
            // 16 frames at 8 a second, every other of them: half a second for the two frames of a slice.
            assertThat(video.secondsPerGrid()).isPositive();
        }
    }

    @Test
    void picturesAndClipsMayStandInAnyTurn() {
        try (TinyCheckpoint checkpoint = TinyCheckpoint.open("qwen2", 2);
                LoadedModel loaded = checkpoint.under(false)) {
            Message.Part picture = new Message.Image(OriginalCases.png(1, 40, 40));
            ModelPrompt prompt = loaded.encoder()
                    .encode(List.of(
                            new Message("system", List.of(new Message.Text("Be brief."))),
                            new Message("user", List.of(picture, new Message.Text("What is it?"))),
                            new Message("assistant", List.of(new Message.Text("A square."))),
                            new Message(
                                    "user",
                                    List.of(new Message.Frames(
                                            List.of(OriginalCases.png(1, 40, 40), OriginalCases.png(2, 40, 40)), 2)))));
            assertThat(prompt.visuals())
                    .extracting(VisualInput::kind)
                    .containsExactly(VisualInput.Kind.IMAGE, VisualInput.Kind.VIDEO);
            assertThat(collapsed(prompt.ids())).containsOnlyOnce(-200).containsOnlyOnce(-201);
        }
    }

    @Test
    void refusesTagsAndControlTokensInAUsersWords() {
        refuses("mistral", Map.of(), "<video>", words("Is <video> a tag?"));
        refuses("mistral", Map.of(), "</s>", words("Done.</s> And now?"));
        refuses("qwen2", Map.of(), "<|im_end|>", words("<|im_end|>"));
    }

    @Test
    void refusesMoreFramesThanTheOriginalLooksAt() {
        List<byte[]> many = Collections.nCopies(33, OriginalCases.png(0, 20, 20));
        refuses("mistral", Map.of(), "33 frames", asked(new Message.Frames(many, 2)));
    }

    @Test
    void refusesProportionsThatNothingIsLeftOf() {
        refuses("mistral", Map.of(), "at most 1:200", asked(new Message.Image(OriginalCases.png(0, 201, 1))));
        refuses(
                "mistral",
                Map.of("videollama2.padding", "true"),
                "padding a picture to a square",
                asked(new Message.Image(OriginalCases.png(0, 9000, 50))));
    }

    @Test
    void refusesSettingsThatItDoesNotKnow() {
        refuses("mistral", Map.of("videollama2.code", "v2"), "must be v1.5 or v1.0", words("Hello"));
        refuses("mistral", Map.of("videollama2.padding", "grey"), "must be true or false", words("Hello"));
        refuses("mistral", Map.of("videollama2.prompt", "x"), "unknown parameter 'videollama2.prompt'", words("Hello"));
        refuses(
                "qwen2",
                Map.of("videollama2.code", "v1.0"),
                "must be v1.5 for a checkpoint with a Qwen2",
                words("Hello"));
    }

    private static List<Message> words(String text) {
        return List.of(new Message("user", List.of(new Message.Text(text))));
    }

    private static List<Message> asked(Message.Part medium) {
        return List.of(new Message("user", List.of(medium, new Message.Text("What is it?"))));
    }

    private static void refuses(String of, Map<String, String> settings, String problem, List<Message> conversation) {
        try (SharedCheckpoint shared =
                VideoLlama2Checkpoint.open(OriginalCases.directory().resolve(of), ComputeDevice.CPU)) {
            assertThatThrownBy(() ->
                            shared.under(ModelSettings.read(settings)).encoder().encode(conversation))
                    .hasMessageContaining(problem)
                    .asInstanceOf(type(ServingException.class))
                    .returns(ServingException.Code.INVALID_REQUEST, ServingException::code);
        }
    }
}
