package dev.purekv.engine;

import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.TokenDecoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;

/**
 * A model whose answer is the alphabet from the prompt's length on, and whose cache takes a byte a token, twice that of the prompt
 * while it is computed. Its hooks run on the engine thread, where a test can hold it, watch it or break it.
 */
final class FakeModel implements VisionLanguageModel {
    static final int LETTERS = 26;

    /** Called for each piece of a prompt's computation, with the prompt's length. */
    volatile IntConsumer atPiece = length -> {};

    /** Called for each sequence of each step, with the prompt's length. */
    volatile IntConsumer atStep = length -> {};

    /** Called when a sequence is closed, with the prompt's length. */
    volatile IntConsumer atClose = length -> {};

    final AtomicInteger open = new AtomicInteger();
    final AtomicLong bytes = new AtomicLong();
    volatile long mostBytes;
    volatile int largestStep;

    LoadedModel loaded() {
        return new LoadedModel(
                this, null, skip -> new Letters(), new GenerationDefaults(Set.of(LETTERS), 8, 0, 1, 0, 1));
    }

    /** What it answers to a prompt of this length. */
    static String answer(int promptTokens, int tokens) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tokens; i++) {
            text.append((char) ('a' + (promptTokens + i) % LETTERS));
        }
        return text.toString();
    }

    @Override
    public int maxTokens() {
        return 100_000;
    }

    @Override
    public int layers() {
        return 8;
    }

    @Override
    public int vocabulary() {
        return LETTERS + 1;
    }

    @Override
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        return new Alphabet(prompt.tokens(), maxNewTokens);
    }

    @Override
    public Tensor decode(List<Sequence> sequences, int[] tokens) {
        largestStep = Math.max(largestStep, tokens.length);
        for (Sequence each : sequences) {
            atStep.accept(((Alphabet) each).promptTokens);
        }
        float[] logits = new float[tokens.length * vocabulary()];
        for (int row = 0; row < tokens.length; row++) {
            logits[row * vocabulary() + (tokens[row] + 1) % LETTERS] = 10;
        }
        return Tensor.create(logits).view(tokens.length, vocabulary());
    }

    @Override
    public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        return 2L * prompt.tokens() + maxNewTokens;
    }

    @Override
    public long weightBytes() {
        return 0;
    }

    @Override
    public void close() {}

    private final class Alphabet implements Sequence {
        private final int promptTokens;
        private final int maxNewTokens;
        private long held;

        Alphabet(int promptTokens, int maxNewTokens) {
            this.promptTokens = promptTokens;
            this.maxNewTokens = maxNewTokens;
            open.incrementAndGet();
        }

        private void hold(long wanted) {
            mostBytes = Math.max(mostBytes, bytes.addAndGet(wanted - held));
            held = wanted;
        }

        @Override
        public Tensor prefill(Runnable pause, PrefillWitness witness) {
            hold(2L * promptTokens + maxNewTokens);
            for (int piece = 0; piece < promptTokens; piece++) {
                atPiece.accept(promptTokens);
                pause.run();
            }
            hold(promptTokens + maxNewTokens);
            float[] logits = new float[vocabulary()];
            logits[promptTokens % LETTERS] = 10;
            return Tensor.create(logits);
        }

        @Override
        public Tensor decode(int token) {
            throw new AssertionError("the engine decodes all of its sequences at once");
        }

        @Override
        public long cacheBytes() {
            return held;
        }

        @Override
        public PrefillReport report() {
            Duration no = Duration.ZERO;
            return new PrefillReport(
                    KvPolicy.FULL, promptTokens, promptTokens, 1, promptTokens, List.of(), no, no, no, "");
        }

        @Override
        public void close() {
            hold(0);
            open.decrementAndGet();
            atClose.accept(promptTokens);
        }
    }

    private static final class Letters implements TokenDecoder {
        @Override
        public String push(int token) {
            return String.valueOf((char) ('a' + token));
        }

        @Override
        public String finish() {
            return "";
        }
    }

    /** Ids of a prompt of this length. */
    static ModelPrompt prompt(int tokens) {
        int[] ids = new int[tokens];
        Arrays.fill(ids, LETTERS);
        return new ModelPrompt(ids, List.of());
    }
}
