package dev.purekv.model.videollama2.input;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class UniformFramesTest {
    @Test
    void choosesTheFramesOfBothVersionsOfTheOriginal() {
        JsonNode cases = OriginalCases.json("sampling.json");
        assertThat(cases).hasSize(48);
        for (JsonNode each : cases) {
            int clip = each.path("clip").asInt();
            int frames = each.path("frames").asInt();
            assertThat(new UniformFrames(frames, CodeVersion.V1_5).choose(clip))
                    .as("%d of %d frames", frames, clip)
                    .isEqualTo(OriginalCases.ints(each.path("now")));
            assertThat(new UniformFrames(frames, CodeVersion.V1_0).choose(clip))
                    .as("%d of %d frames, before 1.5", frames, clip)
                    .isEqualTo(OriginalCases.ints(each.path("before")));
        }
    }
}
