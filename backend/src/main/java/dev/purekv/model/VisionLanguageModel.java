package dev.purekv.model;

import dev.purekv.settings.KvSettings;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** A model whose weights are loaded. Its weights are read-only; what changes lives in {@link Sequence}. */
public interface VisionLanguageModel extends AutoCloseable {
    /** Longest sequence, prompt and answer together, that positions and settings allow. */
    int maxTokens();

    /** L, the layers of the decoder, each with a cache. */
    int layers();

    /** V, the width of the logits. */
    int vocabulary();

    /**
     * Starts a sequence.
     *
     * @param maxNewTokens room for this many generated tokens
     * @param kv what is kept of the prompt's keys and values
     * @throws dev.purekv.ServingException INVALID_REQUEST when prompt and answer are too long, or a layer that {@code kv}
     *     names is not in this model
     */
    Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv);

    /** Starts a sequence that keeps everything. */
    default Sequence begin(ModelPrompt prompt, int maxNewTokens) {
        return begin(prompt, maxNewTokens, KvSettings.DEFAULT);
    }

    /**
     * Appends one token to each of several sequences of this model, all of them prefilled. A failure leaves every sequence as it was
     * (the default, one after another, leaves those before the failing one a token further).
     *
     * @param sequences B
     * @param tokens B, one for each
     * @return logits (B, V) of what follows, float32, on the CPU
     */
    default Tensor decode(List<Sequence> sequences, int[] tokens) {
        Tensor[] rows = new Tensor[tokens.length];
        Arrays.setAll(rows, i -> sequences.get(i).decode(tokens[i]));
        return torch.stack(new TensorVector(rows));
    }

    /**
     * The most that the cache of such a sequence ever takes, its answer included: admission counts with this before anything is
     * reserved.
     *
     * @return bytes, at least {@link Sequence#cacheBytes} at any time
     * @throws dev.purekv.ServingException as {@link #begin} does
     */
    long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv);

    /** Bytes of weights that this process holds, mapped ones included. */
    long weightBytes();

    @Override
    void close();
}
