package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.text.TokenDecoder;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** One answer under way: its sequence, sampler and text. Lives on the engine thread. */
final class Session implements AutoCloseable {
    private final ModelPrompt prompt;
    private final Sampling sampling;
    private final KvSettings kv;
    private final AnswerSink sink;
    private final LoadedModel loaded;
    private final Timeline timeline;
    private final Sampler sampler;
    private final TokenDecoder decoder;
    private final StopTexts stops;
    private final float[] logits;
    private final int maxNewTokens;
    private Sequence sequence;
    private int lastToken;
    private int generated;
    private long prefilled;

    Session(
            ModelPrompt prompt,
            Sampling sampling,
            KvSettings kv,
            AnswerSink sink,
            LoadedModel loaded,
            Timeline timeline) {
        this.prompt = prompt;
        this.sampling = sampling;
        this.kv = kv;
        this.sink = sink;
        this.loaded = loaded;
        this.timeline = timeline;
        this.sampler = new Sampler(sampling, loaded.defaults().endTokens(), prompt.ids());
        this.decoder = loaded.decoder().apply(sampling.skipSpecialTokens());
        this.stops = new StopTexts(sampling.stop());
        this.logits = new float[loaded.model().vocabulary()];
        this.maxNewTokens =
                Math.min(sampling.maxTokens(), room(prompt, loaded.model().maxTokens()));
    }

    private static int room(ModelPrompt prompt, int maxTokens) {
        int room = maxTokens - prompt.tokens();
        if (room < 1) {
            throw ServingException.invalid(
                    "the prompt has %d tokens and the model takes at most %d with its answer: send fewer frames, a smaller "
                            + "picture or less text",
                    prompt.tokens(), maxTokens);
        }
        return room;
    }

    AnswerSink sink() {
        return sink;
    }

    Meters.Stage stage() {
        return timeline.stage();
    }

    /**
     * Prefill the first time, one token each time after.
     *
     * @return whether the answer is complete
     */
    boolean step() {
        requireWanted();
        try (PointerScope scope = new PointerScope()) {
            if (sequence == null) {
                sink.started(prompt.tokens());
                timeline.prefillBegins();
                sequence = loaded.model().begin(prompt, maxNewTokens, kv);
                read(sequence.prefill(this::requireWanted, sink.witness()));
                prefilled = System.nanoTime();
                timeline.firstToken(sequence.report());
            } else {
                read(sequence.decode(lastToken));
                timeline.token();
            }
        }
        return advance();
    }

    private void requireWanted() {
        if (sink.cancelled()) {
            throw ServingException.cancelled("the request was cancelled after %d tokens", generated);
        }
    }

    private void read(Tensor values) {
        values.data_ptr_float().get(logits);
    }

    /** Chooses the next token from the logits and gives out what it completes. */
    private boolean advance() {
        float[] raw = sampling.logprobs() == null ? null : logits.clone();
        lastToken = sampler.next(logits);
        generated++;
        List<TokenLogprob> logprobs =
                raw == null ? List.of() : List.of(TokenLogprob.of(lastToken, raw, sampling.logprobs()));
        boolean ended = !sampling.ignoreEos() && loaded.defaults().endTokens().contains(lastToken);
        String text = ended ? "" : stops.push(decoder.push(lastToken));
        if (ended || stops.reached() || generated == maxNewTokens) {
            text += stops.push(decoder.finish()) + stops.finish();
            timeline.finished(prompt.tokens(), generated);
            sink.finished(
                    new Piece(text, 1, logprobs), ended || stops.reached() ? Finish.STOP : Finish.LENGTH, metrics());
            return true;
        }
        sink.piece(new Piece(text, 1, logprobs));
        return false;
    }

    private AnswerMetrics metrics() {
        int decoded = generated - 1;
        double seconds = (System.nanoTime() - prefilled) / 1e9;
        return new AnswerMetrics(sequence.report(), decoded == 0 ? 0 : decoded / seconds);
    }

    @Override
    public void close() {
        if (sequence != null) {
            sequence.close();
        }
    }
}
