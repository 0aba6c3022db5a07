package dev.purekv.console.tuning;

import dev.purekv.settings.KvSettings;
import dev.purekv.settings.StageSettings;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The settings that the form has, by their names in config.pbtxt, with what holds where the file says nothing. */
enum Field {
    KV_POLICY(KvSettings.DEFAULT.policy().word()),
    COMPRESSION_RATIO(plain(KvSettings.DEFAULT.compressionRatio())),
    LAYER_BUDGETS(KvSettings.DEFAULT.layerBudgets().word()),
    HEAD_SCORES(KvSettings.DEFAULT.headScores().word()),
    SINK_TOKENS(Integer.toString(KvSettings.DEFAULT.sinkTokens())),
    RECENT_TOKENS(Integer.toString(KvSettings.DEFAULT.recentTokens())),
    OBSERVATION_TOKENS(Integer.toString(KvSettings.DEFAULT.observationTokens())),
    /** Empty: the model's own. */
    CLIE_LAYER(""),
    SPARSE_ATTENTION_LAYER("off"),
    SPATIAL(Boolean.toString(KvSettings.DEFAULT.spatial())),
    TEMPORAL(Boolean.toString(KvSettings.DEFAULT.temporal())),
    TEMPORAL_WINDOW("all"),
    TOKEN_PRUNING_LAYER("off"),
    MAX_CONCURRENT_SEQUENCES("8"),
    /** 0: half of the free memory. */
    KV_CACHE_BYTES("0"),
    /** 0: the checkpoint's own limit. */
    MAX_SEQUENCE_TOKENS("0"),
    ALLOW_REQUEST_OVERRIDES("true");

    private final String fallback;

    Field(String fallback) {
        this.fallback = fallback;
    }

    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    String fallback() {
        return fallback;
    }

    /** Whether a model without layers of its own has it. */
    boolean fitsStages() {
        return StageSettings.NAMES.contains(key()) || this == ALLOW_REQUEST_OVERRIDES;
    }

    /** @return the same text for the same meaning, as far as that is plain; else the text itself */
    String canonical(String text) {
        String small = text.strip().toLowerCase(Locale.ROOT);
        return switch (this) {
            case COMPRESSION_RATIO ->
                small.matches("\\d{1,9}(\\.\\d{1,9})?") ? plain(Double.parseDouble(small)) : small;
            case CLIE_LAYER -> layers(small);
            case KV_CACHE_BYTES -> text.strip();
            default -> small;
        };
    }

    private static String layers(String text) {
        List<String> parts = Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
        return parts.stream().allMatch(each -> each.matches("\\d{1,6}"))
                ? parts.stream()
                        .map(Integer::valueOf)
                        .distinct()
                        .sorted()
                        .map(String::valueOf)
                        .collect(Collectors.joining(","))
                : text;
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }
}
