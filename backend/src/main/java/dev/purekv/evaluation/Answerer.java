package dev.purekv.evaluation;

import dev.purekv.compression.PrefillWitness;
import dev.purekv.engine.Sampler;
import dev.purekv.engine.Sampling;
import dev.purekv.engine.SamplingReader;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.TokenDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;

/** Answers as the server does at temperature 0, and keeps what a comparison wants to know. */
final class Answerer {
    /**
     * What was said after some tokens.
     *
     * @param first its first token, which may be the one that ends it
     * @param tokens without the one that ends it
     * @param cached tokens of it that the cache holds: all but the last when it was cut short
     * @param logits by token, (V): what each was chosen from, the end included
     */
    private record Speech(String text, int first, List<Integer> tokens, int cached, List<float[]> logits) {}

    /**
     * One answer.
     *
     * @param firstToken the end token when the answer is empty
     * @param first logits (V) that the first token was chosen from
     * @param second logits (V) of the second, the first that the cut cache decides; null when there is none
     * @param followUp the second answer; null without a second question
     */
    record Answered(
            String text,
            int tokens,
            int firstToken,
            float[] first,
            float[] second,
            PrefillReport report,
            Duration decode,
            String followUp) {}

    private final LoadedModel loaded;
    private final int maxTokens;
    private final Sampling greedy;

    /** @param maxTokens of each answer */
    Answerer(LoadedModel loaded, int maxTokens) {
        this.loaded = loaded;
        this.maxTokens = maxTokens;
        this.greedy = SamplingReader.read(Map.of("temperature", 0, "max_tokens", maxTokens), loaded.defaults());
    }

    Answered answer(Conversation conversation, KvSettings kv, PrefillWitness witness) {
        int[] prompt = conversation.prompt().ids();
        int[] more = conversation.followUp();
        int room = 2 * maxTokens + more.length;
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(conversation.prompt(), room, kv)) {
            float[] logits = read(sequence.prefill(() -> {}, witness));
            long start = System.nanoTime();
            Speech speech = speak(sequence, logits, prompt);
            Duration decode = Duration.ofNanos(System.nanoTime() - start);
            return new Answered(
                    speech.text(),
                    speech.tokens().size(),
                    speech.first(),
                    speech.logits().get(0),
                    speech.logits().size() > 1 ? speech.logits().get(1) : null,
                    sequence.report(),
                    decode,
                    more.length == 0 ? null : followUp(sequence, prompt, speech, more));
        }
    }

    private Sampler sampler(int[] seen) {
        return new Sampler(
                greedy, loaded.defaults().endTokens(), loaded.defaults().penalised(seen));
    }

    /** @param logits (V) of the next token */
    private Speech speak(Sequence sequence, float[] logits, int[] seen) {
        Sampler sampler = sampler(seen);
        TokenDecoder decoder = loaded.decoder().apply(true);
        StringBuilder text = new StringBuilder();
        List<Integer> tokens = new ArrayList<>();
        List<float[]> all = new ArrayList<>(List.of(logits));
        int first = sampler.next(logits.clone()); // the sampler changes what it is given
        int token = first;
        while (!loaded.defaults().endTokens().contains(token)) {
            text.append(decoder.push(token));
            tokens.add(token);
            if (tokens.size() == maxTokens) {
                break;
            }
            all.add(read(sequence.decode(token)));
            token = sampler.next(all.get(all.size() - 1).clone());
        }
        return new Speech(text.append(decoder.finish()).toString(), first, tokens, all.size() - 1, all);
    }

    /** Asks on, in the cache as the first question left it. */
    private String followUp(Sequence sequence, int[] prompt, Speech speech, int[] more) {
        int[] said = speech.tokens().stream().mapToInt(each -> each).toArray();
        IntStream uncached = IntStream.of(said).skip(speech.cached());
        float[] logits = null;
        for (int token : IntStream.concat(uncached, IntStream.of(more)).toArray()) {
            logits = read(sequence.decode(token));
        }
        return speak(sequence, logits, concat(prompt, said, more)).text();
    }

    private static int[] concat(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(IntStream::of).toArray();
    }

    private float[] read(Tensor logits) {
        float[] values = new float[loaded.model().vocabulary()];
        logits.data_ptr_float().get(values);
        return values;
    }
}
