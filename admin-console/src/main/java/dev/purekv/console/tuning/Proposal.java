package dev.purekv.console.tuning;

import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Revision;
import dev.purekv.console.history.Revision.Difference;
import dev.purekv.settings.KvSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * A change that was judged and not made yet.
 *
 * @param seen the hash of the file that it changes
 * @param now what the file leaves of a prompt
 * @param then what it would leave
 */
record Proposal(
        String seen,
        ConfigText wanted,
        List<Difference> differences,
        Forecast now,
        Forecast then,
        List<String> consequences) {

    /**
     * @param before null where the file of now is refused itself
     * @param after the settings of the cache, resolved
     * @param shape null where it is not known
     */
    static Proposal of(ConfigText file, ConfigText wanted, KvSettings before, KvSettings after, ModelShape shape) {
        return new Proposal(
                file.hash(),
                wanted,
                Revision.differences(file.parameters(), wanted.parameters()),
                before == null ? null : Forecast.of(before, shape),
                Forecast.of(after, shape),
                consequences(after, shape));
    }

    /** Whether anything would change. */
    public boolean isEmpty() {
        return differences.isEmpty();
    }

    private static List<String> consequences(KvSettings after, ModelShape shape) {
        List<String> words = new ArrayList<>();
        Forecast forecast = Forecast.of(after, shape);
        if (!after.cuts()) {
            words.add("Nothing is cut: every entry of the cache is kept.");
        } else if (forecast.kept() > Math.ceil(Forecast.TOKENS / after.compressionRatio())) {
            words.add(
                    "First and last tokens that are always kept are more than the ratio leaves of a prompt of 1,000 tokens: "
                            + "shorter prompts are cut less than asked.");
        }
        if (shape != null && after.sparseAttentionLayer().isPresent()) {
            words.add((shape.layers() - after.sparseAttentionLayer().getAsInt()) + " of " + shape.layers()
                    + " layers read a video with sparse attention.");
        }
        if (shape != null && after.tokenPruningLayer().isPresent()) {
            words.add((shape.layers() - after.tokenPruningLayer().getAsInt()) + " of " + shape.layers()
                    + " layers neither compute nor keep the visual tokens of least attention.");
        }
        words.add("Requests that run end with the settings that they began with.");
        return words;
    }
}
