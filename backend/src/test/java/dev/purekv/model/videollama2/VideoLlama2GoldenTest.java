package dev.purekv.model.videollama2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.attention.Attention;
import dev.purekv.attention.FusedAttention;
import dev.purekv.attention.ReferenceAttention;
import dev.purekv.attention.SegmentAttention;
import dev.purekv.checkpoint.Checkpoint;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.videollama2.input.OriginalCases;
import dev.purekv.model.videollama2.input.TowerPictures;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Tiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both generations against what the original repository's code computes with them. */
@ExtendWith(NoNativeLeak.class)
class VideoLlama2GoldenTest {
    static List<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (String of : List.of("mistral", "qwen2", "mistral-before")) {
            OriginalCases.of(of).forEach(golden -> all.add(Arguments.of(of, golden)));
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersAsTheOriginalDoes(String of, OriginalCases.Case golden) {
        try (TinyCheckpoint checkpoint = TinyCheckpoint.open(of, golden.frames());
                LoadedModel loaded = checkpoint.under(golden.padding())) {
            ModelPrompt prompt = loaded.encoder().encode(golden.conversation(checkpoint.code()));
            int[] answer = golden.answer();
            try (Sequence sequence = loaded.model().begin(prompt, answer.length)) {
                Tensor logits = sequence.prefill(() -> {});
                for (int step = 0; step < answer.length; step++) {
                    assertThat(values(logits))
                            .as("step " + step)
                            .containsExactly(golden.logits(step), within(OriginalCases.CLOSE));
                    assertThat(logits.argmax().item_long()).isEqualTo(answer[step]);
                    logits = sequence.decode(answer[step]);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"mistral, 0", "mistral, 5", "qwen2, 0", "qwen2, 5"})
    void everyPartGivesTheNumbersOfTheOriginal(String of, int tile) {
        OriginalCases.Case golden = OriginalCases.named(of, "clip");
        for (Attention attention : List.of(new FusedAttention(), new ReferenceAttention())) {
            try (TinyCheckpoint checkpoint = TinyCheckpoint.open(of, golden.frames());
                    LoadedModel loaded = checkpoint.under(golden.padding());
                    DecoderModel model = VideoLlama2.open(checkpoint.directory(), ComputeDevice.CPU, attention, tile)) {
                ModelPrompt prompt = loaded.encoder().encode(golden.conversation(checkpoint.code()));
                Tensor features = features(checkpoint, prompt, new SegmentAttention(attention, tiles(tile)));
                assertThat(values(features)).containsExactly(golden.floats("features"), within(OriginalCases.CLOSE));
                float[] connected = golden.floats("connected");
                Tensor tokens = torch.empty(new long[] {connected.length / 64, 64});
                model.vision().encode(prompt.visuals().get(0), tokens, () -> {});
                assertThat(values(tokens)).containsExactly(connected, within(OriginalCases.CLOSE));
            }
        }
    }

    private static Tiles tiles(int tile) {
        return tile == 0 ? Tiles.STANDARD : new Tiles(1, tile);
    }

    private static Tensor features(TinyCheckpoint checkpoint, ModelPrompt prompt, SegmentAttention attention) {
        VideoLlama2Config config = VideoLlama2Config.read(checkpoint.directory());
        try (Checkpoint weights = Checkpoint.open(checkpoint.directory(), ComputeDevice.CPU, name -> name)) {
            FrameTower tower = new FrameTower(
                    config.tower(),
                    config.towerLayers(),
                    weights.weights().at("model.vision_tower.vision_tower.vision_model"),
                    attention,
                    TowerPictures.read(checkpoint.directory()).pixels(),
                    ComputeDevice.CPU);
            return tower.features(prompt.visuals().get(0).frames(), () -> {});
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void visualTokensStandWhereTheTagStood(String of) {
        OriginalCases.Case golden = OriginalCases.named(of, "clip");
        float[] embeddings = golden.floats("embeddings");
        float[] connected = golden.floats("connected");
        try (TinyCheckpoint checkpoint = TinyCheckpoint.open(of, golden.frames());
                LoadedModel loaded = checkpoint.under(golden.padding());
                Checkpoint weights = Checkpoint.open(checkpoint.directory(), ComputeDevice.CPU, name -> name)) {
            int[] ids = loaded.encoder()
                    .encode(golden.conversation(checkpoint.code()))
                    .ids();
            float[] words = values(weights.weights().at("model.embed_tokens").take("weight", 384, 64));
            int visual = 0;
            for (int i = 0; i < ids.length; i++) {
                int row = ids[i] < 0 ? visual++ : ids[i];
                assertThat(Arrays.copyOfRange(embeddings, 64 * i, 64 * i + 64))
                        .as("token " + i)
                        .isEqualTo(Arrays.copyOfRange(ids[i] < 0 ? connected : words, 64 * row, 64 * row + 64));
            }
            assertThat(visual).isEqualTo(connected.length / 64);
        }
    }

    private static float[] values(Tensor tensor) {
        float[] values = new float[(int) tensor.numel()];
        tensor.contiguous().data_ptr_float().get(values);
        return values;
    }
}
