package dev.purekv.evaluation;

import dev.purekv.engine.Sampler;
import dev.purekv.engine.Sampling;
import dev.purekv.engine.SamplingReader;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.TokenDecoder;
import java.time.Duration;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;

/** Answers as the server does at temperature 0, and keeps what a comparison wants to know. */
final class Answerer {
    /**
     * One answer.
     *
     * @param cached logits (V) of its second token, the first that the cut cache decides: the first token comes out of prefill,
     *     where every layer still sees all of its keys
     */
    record Answered(String text, float[] cached, PrefillReport report, Duration decode, int tokens) {}

    private final LoadedModel loaded;
    private final int maxTokens;
    private final Sampling greedy;

    Answerer(LoadedModel loaded, int maxTokens) {
        this.loaded = loaded;
        this.maxTokens = maxTokens;
        this.greedy = SamplingReader.read(Map.of("temperature", 0, "max_tokens", maxTokens), loaded.defaults());
    }

    Answered answer(ModelPrompt prompt, KvSettings kv) {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(prompt, maxTokens, kv)) {
            Sampler sampler = new Sampler(greedy, loaded.defaults().endTokens(), prompt.ids());
            float[] logits = read(sequence.prefill(() -> {}));
            float[] cached = logits.clone(); // an answer of no token has nothing else
            TokenDecoder decoder = loaded.decoder().apply(true);
            StringBuilder text = new StringBuilder();
            long start = System.nanoTime();
            int tokens = 0;
            int token = sampler.next(logits);
            while (!loaded.defaults().endTokens().contains(token)) {
                text.append(decoder.push(token));
                if (++tokens == maxTokens) {
                    break;
                }
                logits = read(sequence.decode(token));
                if (tokens == 1) {
                    cached = logits.clone(); // the sampler changes what it is given
                }
                token = sampler.next(logits);
            }
            Duration decode = Duration.ofNanos(System.nanoTime() - start);
            return new Answered(text.append(decoder.finish()).toString(), cached, sequence.report(), decode, tokens);
        }
    }

    private float[] read(Tensor logits) {
        float[] values = new float[loaded.model().vocabulary()];
        logits.data_ptr_float().get(values);
        return values;
    }

    /** @return divergence of q from p in nats, both given as logits (V) */
    static double divergence(float[] p, float[] q) {
        double[] logP = logSoftmax(p);
        double[] logQ = logSoftmax(q);
        double sum = 0;
        for (int id = 0; id < p.length; id++) {
            sum += Math.exp(logP[id]) * (logP[id] - logQ[id]);
        }
        return Math.max(0, sum);
    }

    private static double[] logSoftmax(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float each : logits) {
            max = Math.max(max, each);
        }
        double sum = 0;
        for (float each : logits) {
            sum += Math.exp(each - max);
        }
        double[] values = new double[logits.length];
        for (int id = 0; id < logits.length; id++) {
            values[id] = logits[id] - max - Math.log(sum);
        }
        return values;
    }
}
