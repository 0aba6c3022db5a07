package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.cache.KvCache;
import dev.purekv.model.Sequence;
import dev.purekv.tensor.Native;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One prompt of Qwen2.5-VL being answered. */
final class Qwen25VlSequence implements Sequence {
    private final VisionTower vision;
    private final Decoder decoder;
    private final KvCache cache;
    private final int vocabulary;
    private final int delta;
    private PromptLayout prompt; // null once it is in the cache: frames are large
    private RopePositions positions;
    private boolean started;
    private int tokens;

    Qwen25VlSequence(
            VisionTower vision, Decoder decoder, PromptLayout prompt, Qwen25VlConfig config, int maxNewTokens) {
        this.vision = vision;
        this.decoder = decoder;
        this.prompt = prompt;
        this.positions = RopePositions.of(prompt, config.vision());
        this.delta = positions.delta();
        this.vocabulary = config.text().vocabulary();
        this.cache = decoder.reserve(prompt.ids().length + maxNewTokens);
    }

    @Override
    public Tensor prefill(BooleanSupplier cancelled) {
        if (started) {
            throw new IllegalStateException("a sequence is prefilled once, even if that was cancelled");
        }
        started = true;
        Runnable progress = () -> {
            if (cancelled.getAsBoolean()) {
                throw ServingException.cancelled("answering: the request was cancelled during prefill");
            }
        };
        Tensor logits = step(() -> {
            Tensor hidden = decoder.embed(prompt.ids()); // (N, C)
            for (PromptLayout.Span span : prompt.spans()) {
                vision.encode(span.visual(), hidden.narrow(0, span.start(), span.tokens()), progress);
            }
            return decoder.run(hidden, positions, cache, progress);
        });
        tokens = prompt.ids().length;
        prompt = null;
        positions = null;
        return logits;
    }

    @Override
    public Tensor decode(int token) {
        if (prompt != null) {
            throw new IllegalStateException("decode() needs a prefilled sequence");
        }
        if (token < 0 || token >= vocabulary) {
            throw new IllegalArgumentException("expected a token below " + vocabulary + ", got " + token);
        }
        // The position counts all tokens ever seen, not what the cache still holds.
        RopePositions position = RopePositions.single(tokens + delta);
        Tensor logits = step(() -> decoder.run(decoder.embed(token), position, cache, () -> {}));
        tokens++;
        return logits;
    }

    /** Runs without any bookkeeping for gradients; the copy at the end is an ordinary tensor that callers may change. */
    private static Tensor step(Supplier<Tensor> body) {
        return Native.scoped(() -> {
            Tensor logits;
            try (InferenceMode mode = new InferenceMode(true)) {
                logits = body.get();
            }
            return logits.to(new Device(DeviceType.CPU), ScalarType.Float, false, true, null);
        });
    }

    @Override
    public long cacheBytes() {
        return cache.bytes();
    }

    @Override
    public void close() {
        cache.close();
    }
}
