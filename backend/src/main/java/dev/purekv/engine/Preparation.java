package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.cache.KvBudget;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import java.util.Optional;

/** Makes prompts of requests, in their order, on threads of its own: so the next clip is decoded while this one is computed. */
final class Preparation {
    private final LoadedModel loaded;
    private final WaitingRoom room;
    private final long budgetBytes;

    Preparation(LoadedModel loaded, WaitingRoom room, KvBudget budget) {
        this.loaded = loaded;
        this.room = room;
        this.budgetBytes = budget.totalBytes();
    }

    /** Returns when the room has closed; several threads may run it. */
    void run() {
        Optional<WaitingRoom.Seat> next = room.toPrepare();
        while (next.isPresent()) {
            prepare(next.get());
            next = room.toPrepare();
        }
    }

    private void prepare(WaitingRoom.Seat seat) {
        Ticket ticket = seat.ticket();
        try {
            ticket.requireWanted();
            ticket.timeline().preparationBegins();
            Session session = session(ticket);
            if (!room.prepared(seat, session)) {
                ticket.fail(Failures.stopping(), "preparing the prompt");
            }
        } catch (Throwable e) {
            room.leave(seat);
            ticket.fail(e, "preparing the prompt");
        }
    }

    private Session session(Ticket ticket) {
        ModelPrompt prompt;
        try {
            prompt = ticket.request().prompt().apply(loaded.encoder(), () -> ticket.unwanted() || room.isClosed());
        } catch (ServingException e) {
            if (e.code() == ServingException.Code.CANCELLED) {
                ticket.requireWanted(); // says why it was not wanted
                throw Failures.stopping();
            }
            throw e;
        }
        Session session = new Session(prompt, ticket, loaded);
        if (session.peakBytes() > budgetBytes) {
            throw ServingException.invalid(
                    "the cache of this request can take %d bytes (%d prompt tokens, up to %d of answer) and the model has "
                            + "kv_cache_bytes %d: lower max_tokens, send fewer frames, raise compression_ratio, or raise "
                            + "kv_cache_bytes in config.pbtxt",
                    session.peakBytes(), prompt.tokens(), session.maxNewTokens(), budgetBytes);
        }
        return session;
    }
}
