package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.tensor.ComputeDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoNativeLeak.class)
class Qwen25VlSequenceTest {
    private final Goldens.Case video = Goldens.named("video-one-second");
    private DecoderModel model;

    @BeforeEach
    void openModel() {
        model = Qwen25Vl.open(Goldens.directory().resolve("untied"), ComputeDevice.CPU, 0);
    }

    @AfterEach
    void closeModel() {
        model.close();
    }

    @Test
    void reservesItsCacheOnceForPromptAndAnswer() {
        try (Sequence sequence = model.begin(video.prompt(), 6)) {
            long reserved = 2L * 3 * 2 * (video.prompt().tokens() + 6) * 16 * Float.BYTES;
            assertThat(sequence.cacheBytes()).isEqualTo(reserved);
            sequence.prefill(() -> {});
            sequence.decode(1);
            assertThat(sequence.cacheBytes()).isEqualTo(reserved);
        }
    }

    @Test
    void decodesAsIfTheTokenHadBeenPartOfThePrompt() {
        int[] ids = {3, 1, 4, 1, 5, 9, 2, 6};
        for (int split = 1; split < ids.length; split++) {
            try (Sequence stepwise = model.begin(text(Arrays.copyOf(ids, split)), ids.length - split);
                    Sequence whole = model.begin(text(ids), 0)) {
                Tensor last = stepwise.prefill(() -> {});
                for (int i = split; i < ids.length; i++) {
                    last = stepwise.decode(ids[i]);
                }
                Tensor expected = whole.prefill(() -> {});
                assertThat(last.sub(expected).abs().max().item_float()).isLessThan(Goldens.LOGITS);
            }
        }
    }

    @Test
    void handsOutLogitsThatTheCallerMayChange() {
        try (Sequence sequence = model.begin(video.prompt(), 1)) {
            Tensor logits = sequence.prefill(() -> {});
            assertThat(logits.shape()).containsExactly(model.vocabulary());
            logits.mul_(new Scalar(0));
            assertThat(logits.sum().item_float()).isZero();
        }
    }

    @Test
    void stopsWhereverItIsCancelled() {
        AtomicInteger asked = new AtomicInteger();
        try (Sequence sequence = model.begin(video.prompt(), 0)) {
            sequence.prefill(asked::incrementAndGet);
        }
        // Everything is a tile: the patches, a block's rows before and after its attention (two sizes of windows, or
        // the whole
        // slice), the merger, and a decoder layer.
        assertThat(asked.get()).isEqualTo(1 + (2 + 2) + (2 + 1) + (2 + 2) + 1 + 3);
        for (int stop = 1; stop <= asked.get(); stop++) {
            AtomicInteger left = new AtomicInteger(stop);
            try (Sequence sequence = model.begin(video.prompt(), 0)) {
                assertThatThrownBy(() -> sequence.prefill(() -> stopAt(left)))
                        .asInstanceOf(type(ServingException.class))
                        .returns(Code.CANCELLED, ServingException::code);
                assertThatThrownBy(() -> sequence.prefill(() -> {})).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> sequence.decode(1)).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void refusesMoreTokensThanTheModelHasPositionsFor() {
        assertThat(model.maxTokens()).isEqualTo(2048);
        model.begin(text(new int[2000]), 48).close();
        refuses(2000, 49);
        refuses(2049, 0);
        refuses(0, 1);
        refuses(1, -1);
        refuses(10, Integer.MAX_VALUE);
    }

    @Test
    void refusesStepsOutOfOrder() {
        try (Sequence sequence = model.begin(text(1, 2), 1)) {
            assertThatThrownBy(() -> sequence.decode(1)).isInstanceOf(IllegalStateException.class);
            sequence.prefill(() -> {});
            assertThatThrownBy(() -> sequence.prefill(() -> {})).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> sequence.decode(128)).isInstanceOf(IllegalArgumentException.class);
            sequence.decode(127);
            assertThatThrownBy(() -> sequence.decode(1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("no room");
        }
    }

    /** More slices than one chunk of the vision tower takes: the same as two videos of one chunk each, joined. */
    @Test
    void passesALongVideoInChunks() {
        Random random = new Random(3);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 2 * 1030; i++) {
            byte[] rgb = new byte[28 * 28 * 3];
            random.nextBytes(rgb);
            frames.add(new Frame(28, 28, rgb));
        }
        Tensor all = tokens(frames);
        Tensor parts = torch.cat(
                new TensorVector(tokens(frames.subList(0, 1000)), tokens(frames.subList(1000, frames.size()))));
        assertThat(all.sub(parts).abs().max().item_float()).isLessThan(1e-5f);
    }

    private Tensor tokens(List<Frame> frames) {
        int slices = frames.size() / 2;
        VisualInput visual = new VisualInput(VisualInput.Kind.VIDEO, frames, new Grid(slices, 2, 2), 1);
        Tensor tokens = ComputeDevice.CPU.empty(slices, 64);
        model.vision().encode(visual, tokens, () -> {});
        return tokens;
    }

    private void refuses(int promptTokens, int newTokens) {
        assertThatThrownBy(() -> model.begin(text(new int[promptTokens]), newTokens))
                .hasMessageContaining("within 2048 tokens, got " + promptTokens + " and " + newTokens)
                .asInstanceOf(type(ServingException.class))
                .returns(Code.INVALID_REQUEST, ServingException::code);
    }

    private static ModelPrompt text(int... ids) {
        return new ModelPrompt(ids, List.of());
    }

    private static void stopAt(AtomicInteger left) {
        if (left.decrementAndGet() == 0) {
            throw ServingException.cancelled("stopped by the test");
        }
    }
}
