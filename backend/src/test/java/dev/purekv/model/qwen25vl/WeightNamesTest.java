package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightNamesTest {
    @ParameterizedTest
    @CsvSource({
        "visual.blocks.0.norm1.weight, visual.blocks.0.norm1.weight",
        "model.visual.blocks.0.norm1.weight, visual.blocks.0.norm1.weight",
        "model.layers.1.mlp.up_proj.weight, model.layers.1.mlp.up_proj.weight",
        "model.language_model.layers.1.mlp.up_proj.weight, model.layers.1.mlp.up_proj.weight",
        "language_model.layers.1.mlp.up_proj.weight, model.layers.1.mlp.up_proj.weight",
        "language_model.model.layers.1.mlp.up_proj.weight, model.layers.1.mlp.up_proj.weight",
        "language_model.lm_head.weight, lm_head.weight",
        "lm_head.weight, lm_head.weight"
    })
    void mapsEverySchemeToTheReleasedOne(String stored, String canonical) {
        assertThat(WeightNames.canonical(stored)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.rotary_emb.inv_freq", "visual.rotary_pos_emb.inv_freq"})
    void needsNoStoredFrequencies(String name) {
        assertThat(WeightNames.isComputed(name)).isTrue();
    }
}
