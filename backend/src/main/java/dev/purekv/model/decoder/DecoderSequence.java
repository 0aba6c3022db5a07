package dev.purekv.model.decoder;

import dev.purekv.attention.sparse.SparsePrefill;
import dev.purekv.cache.KvCache;
import dev.purekv.compression.Compression;
import dev.purekv.compression.CompressionPlan;
import dev.purekv.compression.PrefillCompression;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.Native;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** One prompt being answered. */
final class DecoderSequence implements Sequence {
    private final VisionEncoder vision;
    private final Positions positions;
    private final Decoder decoder;
    private final KvCache cache;
    private final KvPolicy policy;
    private final Compression compression;
    private final CompressionPlan plan;
    private final int room;
    private final Optional<SparsePrefill> sparse;
    private PromptLayout prompt; // null once it is in the cache: frames are large
    private int delta;
    private boolean started;
    private PrefillReport report; // null until prefill has ended
    private int tokens;

    /**
     * What becomes of the prompt's keys and values.
     *
     * @param sparse empty for dense attention in all layers
     * @param room tokens of the answer
     * @param kv resolved
     */
    record Cut(Optional<SparsePrefill> sparse, int room, KvSettings kv) {}

    DecoderSequence(VisionEncoder vision, Decoder decoder, Positions positions, PromptLayout prompt, Cut cut) {
        this.vision = vision;
        this.decoder = decoder;
        this.prompt = prompt;
        this.positions = positions;
        this.sparse = cut.sparse();
        this.policy = cut.kv().policy();
        this.compression = Compression.of(cut.kv());
        this.plan = compression.plan(decoder.config().layers(), prompt.ids().length, prompt.visual());
        this.room = cut.room();
        this.cache = decoder.reserve(plan, room);
    }

    @Override
    public Tensor prefill(Runnable pause, PrefillWitness witness) {
        if (started) {
            throw new IllegalStateException("a sequence is prefilled once, even if that was stopped");
        }
        started = true;
        Breaks breaks = new Breaks(pause);
        long start = System.nanoTime();
        Tensor logits = step(() -> {
            Tensor hidden = decoder.embed(prompt.ids()); // (N, C)
            for (PromptLayout.Span span : prompt.spans()) {
                vision.encode(span.visual(), hidden.narrow(0, span.start(), span.tokens()), breaks);
            }
            long seen = System.nanoTime() - breaks.nanos;
            PrefillCompression cutting = decoder.compress(compression, plan, room, witness);
            Positions.OfPrompt rotary = positions.of(prompt);
            delta = rotary.delta();
            Tensor last = decoder.prefill(hidden, rotary.table(), cache, cutting, sparse, breaks);
            long end = System.nanoTime() - breaks.nanos;
            report = reported(Duration.ofNanos(seen - start), Duration.ofNanos(end - seen), cutting.spent());
            return last;
        });
        tokens = prompt.ids().length;
        prompt = null;
        return logits;
    }

    /** Counts the time of the pauses, which is other sequences' and not this one's. */
    private static final class Breaks implements Runnable {
        private final Runnable pause;
        private long nanos;

        Breaks(Runnable pause) {
            this.pause = pause;
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            pause.run();
            nanos += System.nanoTime() - start;
        }
    }

    private PrefillReport reported(Duration vision, Duration language, Duration scoring) {
        return new PrefillReport(
                policy,
                cache.heldBytes(),
                decoder.cacheBytes(plan.tokens()),
                decoder.config().layers(),
                plan.tokens(),
                prompt.visuals(),
                vision,
                language,
                scoring,
                plan.note());
    }

    @Override
    public Tensor decode(int token) {
        return decode(List.of(this), new int[] {token}).view(decoder.config().vocabulary());
    }

    /**
     * Appends one token to each of several sequences of one model.
     *
     * @return logits (B, V)
     */
    static Tensor decode(List<DecoderSequence> sequences, int[] tokens) {
        DecoderSequence first = sequences.get(0);
        int[] next = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            next[i] = sequences.get(i).nextPosition(tokens[i]);
        }
        List<KvCache> caches = sequences.stream().map(each -> each.cache).toList();
        List<int[]> before = caches.stream().map(KvCache::lengths).toList();
        try {
            Tensor logits = step(() -> first.decoder.decode(tokens, first.positions.of(next), caches));
            sequences.forEach(each -> each.tokens++);
            return logits;
        } catch (Throwable e) {
            // Some layers hold the tokens and some do not; as they were, the sequences can be tried again.
            for (int i = 0; i < before.size(); i++) {
                caches.get(i).truncate(before.get(i));
            }
            throw e;
        }
    }

    /** The position counts all tokens ever seen, not what the cache still holds. */
    private int nextPosition(int token) {
        if (prompt != null) {
            throw new IllegalStateException("decode() needs a prefilled sequence");
        }
        if (token < 0 || token >= decoder.config().vocabulary()) {
            throw new IllegalArgumentException(
                    "expected a token below " + decoder.config().vocabulary() + ", got " + token);
        }
        return tokens + delta;
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
    public PrefillReport report() {
        if (report == null) {
            throw new IllegalStateException("report() needs a prefilled sequence");
        }
        return report;
    }

    @Override
    public void close() {
        cache.close();
    }
}
