package dev.purekv.engine;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The requests of an engine that have not ended, for whoever wants to see or to stop one. Any thread may ask. */
final class OpenRequests {
    /** From the clock on, so that the engine that follows this one, under the same name, gives other numbers. */
    private final AtomicLong last = new AtomicLong(System.currentTimeMillis() * 1000);

    private final Map<Long, Ticket> open = new ConcurrentHashMap<>();

    long nextNumber() {
        return last.incrementAndGet();
    }

    void add(Ticket ticket) {
        open.put(ticket.number(), ticket);
    }

    void remove(Ticket ticket) {
        open.remove(ticket.number());
    }

    /** By arrival. */
    List<OpenRequest> all() {
        return open.values().stream()
                .map(Ticket::progress)
                .sorted(Comparator.comparingLong(OpenRequest::number))
                .toList();
    }

    /** @return whether there was such a request; it ends within a step */
    boolean cancel(long number) {
        Ticket ticket = open.get(number);
        if (ticket != null) {
            ticket.revoke();
        }
        return ticket != null;
    }
}
