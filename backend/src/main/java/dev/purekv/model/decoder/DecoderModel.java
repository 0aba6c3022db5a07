package dev.purekv.model.decoder;

import dev.purekv.ServingException;
import dev.purekv.attention.sparse.SparsePrefill;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** A decoder that reads images and videos as tokens of its prompt. What it is made of says which family it belongs to. */
public final class DecoderModel implements VisionLanguageModel {
    private final Parts parts;
    private final Runnable free;
    private final int maxTokens;

    /**
     * What a family brings.
     *
     * @param tokens how images and videos stand in a prompt
     * @param weightBytes of all weights
     */
    public record Parts(
            VisualTokens tokens, VisionEncoder vision, Positions positions, Decoder decoder, long weightBytes) {}

    /**
     * @param limit longest sequence in tokens; 0 for the checkpoint's own
     * @param free what closing does
     */
    public DecoderModel(Parts parts, int limit, Runnable free) {
        int most = parts.decoder().config().maxTokens();
        this.parts = parts;
        this.free = free;
        this.maxTokens = limit == 0 ? most : Math.min(limit, most);
    }

    /**
     * The same weights under another limit. They stay this model's: it must be closed last.
     *
     * @param limit as in the constructor
     */
    public DecoderModel limitedTo(int limit) {
        return new DecoderModel(parts, limit, () -> {});
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public int layers() {
        return parts.decoder().config().layers();
    }

    @Override
    public int vocabulary() {
        return parts.decoder().config().vocabulary();
    }

    /**
     * @throws ServingException INVALID_REQUEST when prompt and answer exceed {@link #maxTokens}, or the prompt does not
     *     match its images and videos
     */
    @Override
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        KvSettings resolved = kv.resolved(layers());
        PromptLayout layout = layout(prompt, maxNewTokens);
        int window = resolved.temporalWindow() == 0 ? SparseReach.ALL_SLICES : resolved.temporalWindow();
        SparseReach reach = new SparseReach(resolved.spatial(), resolved.temporal(), window);
        Optional<SparsePrefill> sparse = resolved.sparseAttentionLayer().isEmpty()
                ? Optional.empty()
                : Optional.of(new SparsePrefill(resolved.sparseAttentionLayer().getAsInt(), layout.pattern(reach)));
        return sequence(layout, new DecoderSequence.Cut(sparse, maxNewTokens, resolved));
    }

    /**
     * Starts an uncut sequence whose prompt is read with sparse attention from any layer on, also where settings demand a
     * source of importance below it: for comparing the attention alone.
     *
     * @param firstSparseLayer from 0; all layers from it on are sparse
     * @throws ServingException as {@link #begin(ModelPrompt, int)} does
     */
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, int firstSparseLayer, SparseReach reach) {
        PromptLayout layout = layout(prompt, maxNewTokens);
        SparsePrefill sparse = new SparsePrefill(firstSparseLayer, layout.pattern(reach));
        KvSettings uncut = KvSettings.DEFAULT.resolved(layers());
        return sequence(layout, new DecoderSequence.Cut(Optional.of(sparse), maxNewTokens, uncut));
    }

    private Sequence sequence(PromptLayout layout, DecoderSequence.Cut cut) {
        return new DecoderSequence(parts.vision(), parts.decoder(), parts.positions(), layout, cut);
    }

    @Override
    public Tensor decode(List<Sequence> sequences, int[] tokens) {
        return DecoderSequence.decode(
                sequences.stream().map(DecoderSequence.class::cast).toList(), tokens);
    }

    private PromptLayout layout(ModelPrompt prompt, int maxNewTokens) {
        if (prompt.tokens() < 1 || maxNewTokens < 0 || prompt.tokens() > maxTokens() - maxNewTokens) {
            throw ServingException.invalid(
                    "starting a sequence: expected a prompt and room for its answer within %d tokens, got %d and %d",
                    maxTokens(), prompt.tokens(), maxNewTokens);
        }
        return PromptLayout.of(prompt, parts.tokens());
    }

    @Override
    public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        Compression compression = Compression.of(kv.resolved(layers()));
        CompressionPlan plan = compression.plan(
                layers(), prompt.tokens(), layout(prompt, maxNewTokens).visual());
        return compression.peakEntries(plan, maxNewTokens)
                * parts.decoder().config().entryBytes();
    }

    /** What turns images and videos into tokens. */
    public VisionEncoder vision() {
        return parts.vision();
    }

    @Override
    public long weightBytes() {
        return parts.weightBytes();
    }

    @Override
    public void close() {
        free.run();
    }
}
