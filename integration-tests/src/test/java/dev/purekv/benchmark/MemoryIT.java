package dev.purekv.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a long prompt takes of a process's memory, on the demonstration model: 8 layers of 512 bytes a token. */
class MemoryIT {
    private static final Path CHECKPOINT = Path.of("model-repository", "moving-digits", "1");
    private static final int VIDEO_TOKENS = 8192;
    private static final int LAYERS = 8;

    /**
     * Every large block is mapped by itself and given back when it is freed. glibc raises its threshold with the blocks that it
     * sees freed, and how well later ones then fit into the holes moves the peak by as much as the caches do.
     */
    private static final Map<String, String> EXACT = Map.of("MALLOC_MMAP_THRESHOLD_", "131072");

    @Test
    void fullCachesAreFreedLayerByLayer() throws IOException {
        MemoryProbe.Taken uncut = MemoryProbe.run(CHECKPOINT, VIDEO_TOKENS, Map.of("compression_ratio", 1), EXACT);
        assertThat(uncut.counted()).isEqualTo(uncut.uncut());
        for (Map<String, ?> settings : List.of(
                Map.of("compression_ratio", 8, "clie_layer", 0),
                Map.of("compression_ratio", 8, "clie_layer", 0, "token_pruning_layer", 1))) {
            MemoryProbe.Taken cut = MemoryProbe.run(CHECKPOINT, VIDEO_TOKENS, settings, EXACT);
            assertThat(cut.kept()).as("%s", settings).isBetween(cut.uncut() / 8, cut.uncut() / 8 + 4096 * LAYERS);
            // Counted by the caches themselves: the kept rest, one full layer, and its compact copy.
            assertThat(cut.counted())
                    .as("%s", settings)
                    .isLessThanOrEqualTo(cut.announced())
                    .isLessThanOrEqualTo(cut.kept() + cut.uncut() / LAYERS);
            // Counted by the system: most of what the caches say that they spare.
            assertThat(uncut.growth() - cut.growth())
                    .as("%s", settings)
                    .isGreaterThan((uncut.uncut() - cut.counted()) / 2);
        }
    }
}
