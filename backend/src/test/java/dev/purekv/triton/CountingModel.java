package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.compression.PrefillWitness;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.PromptEncoder;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.Message;
import dev.purekv.text.TokenDecoder;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;

/**
 * A model whose answer is "a b c d ..." and never ends by itself, for tests of what stands around a model. Each token takes a
 * millisecond, so that a cancellation has something to stop.
 */
final class CountingModel implements VisionLanguageModel {
    static final int VOCABULARY = 27;
    static final int LAYERS = 8;
    static final long WEIGHT_BYTES = 12_345;
    private static final int END = 26;

    private final AtomicInteger open = new AtomicInteger();

    static LoadedModel load() {
        CountingModel model = new CountingModel();
        return new LoadedModel(
                model, new Encoder(), skip -> new Letters(), new GenerationDefaults(Set.of(END), 8, 0, 1, 0, 1));
    }

    @Override
    public int maxTokens() {
        return 100_000;
    }

    @Override
    public int layers() {
        return LAYERS;
    }

    @Override
    public int vocabulary() {
        return VOCABULARY;
    }

    @Override
    public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        open.incrementAndGet();
        return new Counter(prompt.tokens(), kv);
    }

    @Override
    public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
        return prompt.tokens() + maxNewTokens;
    }

    @Override
    public long weightBytes() {
        return WEIGHT_BYTES;
    }

    @Override
    public void close() {
        if (open.get() != 0) {
            throw new IllegalStateException(open.get() + " sequences were not closed");
        }
    }

    private final class Counter implements Sequence {
        private final int tokens;
        private final KvSettings kv;

        Counter(int tokens, KvSettings kv) {
            this.tokens = tokens;
            this.kv = kv;
        }

        /** Tells the settings that arrived: bytes by the ratio, and the source layers as a note. */
        @Override
        public PrefillReport report() {
            long bytes = Math.round(1000 / kv.compressionRatio());
            Duration no = Duration.ZERO;
            return new PrefillReport(
                    kv.policy(),
                    bytes,
                    1000,
                    LAYERS,
                    tokens,
                    List.of(),
                    no,
                    no,
                    no,
                    kv.clieLayers().toString());
        }

        @Override
        public Tensor prefill(Runnable pause, PrefillWitness witness) {
            return oneHot(0);
        }

        @Override
        public Tensor decode(int token) {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return oneHot((token + 1) % END);
        }

        private static Tensor oneHot(int token) {
            float[] logits = new float[VOCABULARY];
            logits[token] = 10;
            return Tensor.create(logits);
        }

        @Override
        public long cacheBytes() {
            return 0;
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    /** One token a character of the last text. */
    private static final class Encoder implements PromptEncoder {
        @Override
        public ModelPrompt encode(List<Message> conversation, BooleanSupplier cancelled) {
            List<Message.Part> parts = conversation.get(conversation.size() - 1).content();
            if (parts.get(parts.size() - 1) instanceof Message.Text text) {
                return encodeRaw(text.text(), List.of(), cancelled);
            }
            throw ServingException.invalid("the conversation ends without a text");
        }

        @Override
        public ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
            return new ModelPrompt(new int[Math.max(1, prompt.length())], List.of());
        }

        @Override
        public void close() {}
    }

    private static final class Letters implements TokenDecoder {
        @Override
        public String push(int token) {
            return (char) ('a' + token) + " ";
        }

        @Override
        public String finish() {
            return "";
        }
    }
}
