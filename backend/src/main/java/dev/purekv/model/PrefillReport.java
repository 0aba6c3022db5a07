package dev.purekv.model;

import dev.purekv.settings.KvPolicy;
import java.time.Duration;
import java.util.List;

/**
 * What a prefill did to the cache, and how long its parts took.
 *
 * @param cacheBytes of the entries kept at its end, over all layers
 * @param fullCacheBytes of the entries that there would be if none were cut
 * @param layers L
 * @param visuals images and videos, in the order in which they stand in the prompt
 * @param vision time of the vision tower
 * @param language time of the decoder, scoring included
 * @param scoring time of observing, scoring and gathering
 * @param note why less was cut than the settings say; empty when they were met
 */
public record PrefillReport(
        KvPolicy policy,
        long cacheBytes,
        long fullCacheBytes,
        int layers,
        int promptTokens,
        List<VisualSpan> visuals,
        Duration vision,
        Duration language,
        Duration scoring,
        String note) {
    public PrefillReport {
        visuals = List.copyOf(visuals);
    }

    /** Of images and of videos. */
    public int visualTokens() {
        return tokens(VisualInput.Kind.IMAGE) + tokens(VisualInput.Kind.VIDEO);
    }

    /** Of the prompt, in what is of one kind. */
    public int tokens(VisualInput.Kind kind) {
        return visuals.stream()
                .filter(visual -> visual.kind() == kind)
                .mapToInt(VisualSpan::tokens)
                .sum();
    }
}
