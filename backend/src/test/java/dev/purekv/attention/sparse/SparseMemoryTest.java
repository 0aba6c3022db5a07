package dev.purekv.attention.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.ResidentGrowth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What sparse attention takes of the process's memory, while it runs and afterwards. */
@ExtendWith(NoNativeLeak.class)
class SparseMemoryTest {
    private static final int HEADS = 8;
    private static final int GROUPS = 2;
    private static final int WIDTH = 32;
    private static final int BEFORE = 20;
    private static final int AFTER = 1500; // so much text that a mask for it would show, too
    private static final int SLICES = 256;
    private static final int CELLS = 64;
    private static final int TOKENS = BEFORE + SLICES * CELLS + AFTER;
    private static final long RESULT_BYTES = (long) TOKENS * HEADS * WIDTH * Float.BYTES;

    @ParameterizedTest
    @ValueSource(ints = {1, 40, SparseReach.ALL_SLICES})
    void takesAFewTimesTheMemoryOfItsResult(int window) throws IOException {
        // Measured: the result and once as much. A mask for the text behind the video would be 6 times the result.
        assertThat(peakGrowth(pattern(new SparseReach(true, true, window)))).isLessThan(3 * RESULT_BYTES);
    }

    @Test
    void givesAllMemoryBack() {
        SparsePattern pattern = pattern(new SparseReach(true, true, 40));
        assertThat(ResidentGrowth.smallest(() -> attend(pattern))).isLessThan(RESULT_BYTES / 20);
    }

    private static SparsePattern pattern(SparseReach reach) {
        return new SparsePattern(TOKENS, List.of(new VisualRun(BEFORE, SLICES, CELLS)), reach);
    }

    private static void attend(SparsePattern pattern) {
        try (PointerScope scope = new PointerScope()) {
            Tensor q = torch.randn(pattern.tokens(), HEADS, WIDTH);
            Tensor k = torch.randn(GROUPS, pattern.tokens(), WIDTH);
            new MergedSparseAttention().attend(q, k, k, pattern);
        }
    }

    /** @return bytes of the largest resident size while attention runs, above the size just before */
    private static long peakGrowth(SparsePattern pattern) throws IOException {
        // Threads and their buffers are there afterwards, but no heap that would hide what the measured call takes.
        attend(new SparsePattern(200, List.of(new VisualRun(10, 10, 16)), pattern.reach()));
        try (PointerScope scope = new PointerScope()) {
            Tensor q = torch.randn(TOKENS, HEADS, WIDTH);
            Tensor k = torch.randn(GROUPS, TOKENS, WIDTH);
            Files.writeString(Path.of("/proc/self/clear_refs"), "5"); // the peak starts anew from the present size
            long before = resident("VmRSS");
            new MergedSparseAttention().attend(q, k, k, pattern);
            return resident("VmHWM") - before;
        }
    }

    private static long resident(String line) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(each -> each.startsWith(line + ":"))
                .mapToLong(each -> Long.parseLong(each.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
