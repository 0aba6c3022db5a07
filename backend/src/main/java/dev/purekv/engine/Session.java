package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.cache.KvBudget;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.text.TokenDecoder;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** One answer: its sequence, sampler and text, and its part of the cache's bytes. Computes on the engine thread. */
final class Session implements AutoCloseable {
    private final ModelPrompt prompt;
    private final Ticket ticket;
    private final LoadedModel loaded;
    private final Sampling sampling;
    private final Sampler sampler;
    private final TokenDecoder decoder;
    private final StopTexts stops;
    private final float[] logits;
    private final int maxNewTokens;
    private final long peakBytes;
    private KvBudget.Reservation bytes; // null until it is admitted
    private Sequence sequence;
    private int lastToken;

    /** @throws ServingException INVALID_REQUEST when the model takes no prompt of this length */
    Session(ModelPrompt prompt, Ticket ticket, LoadedModel loaded) {
        this.prompt = prompt;
        this.ticket = ticket;
        this.loaded = loaded;
        this.sampling = ticket.sampling();
        int[] penalised = loaded.defaults().penalised(prompt.ids());
        this.sampler = new Sampler(sampling, loaded.defaults().endTokens(), penalised);
        this.decoder = loaded.decoder().apply(sampling.skipSpecialTokens());
        this.stops = new StopTexts(sampling.stop());
        this.logits = new float[loaded.model().vocabulary()];
        this.maxNewTokens =
                Math.min(sampling.maxTokens(), room(prompt, loaded.model().maxTokens()));
        this.peakBytes = loaded.model().peakCacheBytes(prompt, maxNewTokens, ticket.kv());
        ticket.prepared(prompt.tokens());
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

    Ticket ticket() {
        return ticket;
    }

    /** Most bytes that its cache ever takes. */
    long peakBytes() {
        return peakBytes;
    }

    int maxNewTokens() {
        return maxNewTokens;
    }

    /** Null before prefill. */
    Sequence sequence() {
        return sequence;
    }

    int lastToken() {
        return lastToken;
    }

    /** @param admitted {@link #peakBytes}, from now on held here until the end, and less of it once the prompt is cut */
    void admit(KvBudget.Reservation admitted) {
        bytes = admitted;
        ticket.holds(bytes.bytes());
    }

    /**
     * Computes the prompt, which was admitted, and the first token.
     *
     * @param pause as in {@link Sequence#prefill}
     * @return whether the answer is complete
     */
    boolean prefill(Runnable pause) {
        ticket.timeline().prefillBegins();
        ticket.started(prompt.tokens());
        try (PointerScope scope = new PointerScope()) {
            sequence = loaded.model().begin(prompt, maxNewTokens, ticket.kv());
            read(sequence.prefill(pause, ticket.witness()), 0);
        }
        bytes.shrinkTo(sequence.cacheBytes());
        ticket.holds(bytes.bytes());
        ticket.timeline().prefilled(sequence.report());
        return advance();
    }

    /**
     * Takes the next logits.
     *
     * @param values (B, V), or (V) for row 0
     */
    void read(Tensor values, int row) {
        values.data_ptr_float().position((long) row * logits.length).get(logits);
    }

    /**
     * Chooses the next token from the logits and gives out what it completes.
     *
     * @return whether the answer is complete
     */
    boolean advance() {
        float[] raw = sampling.logprobs() == null ? null : logits.clone();
        lastToken = sampler.next(logits);
        ticket.timeline().token();
        List<TokenLogprob> logprobs =
                raw == null ? List.of() : List.of(TokenLogprob.of(lastToken, raw, sampling.logprobs(), this::text));
        boolean ended = !sampling.ignoreEos() && loaded.defaults().endTokens().contains(lastToken);
        String text = ended ? "" : stops.push(decoder.push(lastToken));
        if (ended || stops.reached() || ticket.timeline().tokens() == maxNewTokens) {
            text += stops.push(decoder.finish()) + stops.finish();
            Finish reason = ended || stops.reached() ? Finish.STOP : Finish.LENGTH;
            ticket.finish(new Piece(text, 1, logprobs), reason, metrics());
            return true;
        }
        ticket.piece(new Piece(text, 1, logprobs));
        return false;
    }

    /** One token alone, whatever stands before it. */
    private String text(int token) {
        TokenDecoder alone = loaded.decoder().apply(false);
        return alone.push(token) + alone.finish();
    }

    /** Ends the answer where it is. */
    void cutOff() {
        String text = stops.push(decoder.finish()) + stops.finish();
        ticket.finish(new Piece(text, 0, List.of()), Finish.LENGTH, metrics());
    }

    private AnswerMetrics metrics() {
        return new AnswerMetrics(sequence.report(), ticket.timeline().tokensPerSecond());
    }

    /** Frees the cache, then its bytes in the budget. Safe before prefill. */
    @Override
    public void close() {
        try {
            if (sequence != null) {
                sequence.close();
            }
        } finally {
            if (bytes != null) {
                bytes.close();
            }
        }
    }
}
