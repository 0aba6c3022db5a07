package dev.purekv.attention.sparse;

import dev.purekv.attention.FusedPart;
import dev.purekv.attention.Partial;
import dev.purekv.tensor.Native;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A prompt's sparse attention for one key/value head and the R query heads that share it. */
final class HeadPrefill {
    private final Tensor q; // (N, R, D)
    private final Tensor k; // (N, D)
    private final Tensor v; // (N, D)
    private final SparsePattern pattern;

    HeadPrefill(Tensor q, Tensor k, Tensor v, SparsePattern pattern) {
        this.q = q;
        this.k = k;
        this.v = v;
        this.pattern = pattern;
    }

    /** @param result (N, R, D), which may be a view */
    void writeTo(Tensor result) {
        List<TextRun> texts = pattern.texts();
        for (TextRun run : texts) {
            Native.scoped(() -> result.narrow(0, run.start(), run.tokens()).copy_(text(run)));
        }
        Tensor textKeys = joined(k, texts);
        Tensor textValues = joined(v, texts);
        int earlierVisual = 0;
        for (VisualRun run : pattern.visuals()) {
            int textBefore = run.start() - earlierVisual;
            earlierVisual += run.tokens();
            visual(run, result, textKeys.narrow(0, 0, textBefore), textValues.narrow(0, 0, textBefore));
        }
    }

    /** @return (T, R, D): dense attention of a run of text over everything before it and over itself */
    private Tensor text(TextRun run) {
        Tensor queries = q.narrow(0, run.start(), run.tokens()).transpose(0, 1).unsqueeze(0); // (1, R, T, D)
        Partial sum = FusedPart.causal(queries, keys(k, run.start(), run.end()), keys(v, run.start(), run.end()));
        if (run.start() > 0) {
            sum.absorb(FusedPart.all(queries, keys(k, 0, run.start()), keys(v, 0, run.start())));
        }
        return sum.out().squeeze(0).transpose(0, 1);
    }

    private static Tensor keys(Tensor x, int start, int end) {
        return x.narrow(0, start, end - start).unsqueeze(0); // (1, S, D)
    }

    private void visual(VisualRun run, Tensor result, Tensor textKeys, Tensor textValues) {
        Native.scoped(() -> {
            new VisualHead(run, pattern.reach(), q, k, v).writeTo(result, textKeys, textValues);
            return result;
        });
    }

    /** @return the rows of all runs in one; a copy when there are several */
    private static Tensor joined(Tensor x, List<TextRun> runs) {
        if (runs.isEmpty()) {
            return x.narrow(0, 0, 0);
        }
        Tensor[] parts =
                runs.stream().map(run -> x.narrow(0, run.start(), run.tokens())).toArray(Tensor[]::new);
        return parts.length == 1 ? parts[0] : torch.cat(new TensorVector(parts), 0);
    }
}
