package dev.purekv.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The few requests between Triton's queue and the engine, in their order: they wait to be prepared, and then for room in the cache.
 * Prepared prompts hold frames, so the seats are few, and who finds none waits outside, where Triton's queue orders by priority.
 *
 * <p>A request in here belongs to the engine thread, except while it is being prepared.
 */
final class WaitingRoom {
    /** How often those who wait are asked whether they still want to. */
    static final long LOOK_MILLIS = 20;

    /** A request that has a seat. */
    static final class Seat {
        private final Ticket ticket;
        private boolean preparing;
        private Session session; // null until it is prepared

        private Seat(Ticket ticket) {
            this.ticket = ticket;
        }

        Ticket ticket() {
            return ticket;
        }
    }

    private final Deque<Seat> seats = new ArrayDeque<>();
    private final Deque<Ticket> outside = new ArrayDeque<>();
    private final int size;
    private boolean closed;

    WaitingRoom(int size) {
        this.size = size;
    }

    /**
     * Takes a seat; waits while there is none. Until this returns, the ticket is the caller's.
     *
     * @throws dev.purekv.ServingException when the request is not wanted any more, or the room is closed
     */
    synchronized void enter(Ticket ticket) {
        outside.add(ticket);
        try {
            while (outside.getFirst() != ticket || seats.size() >= size) {
                requireOpen();
                ticket.requireWanted();
                look();
            }
            requireOpen();
            ticket.requireWanted();
            seats.add(new Seat(ticket));
        } finally {
            outside.remove(ticket);
            notifyAll();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw Failures.stopping();
        }
    }

    /** Waits for the next request to prepare, which is the caller's until {@link #prepared} or {@link #leave}; empty at the end. */
    synchronized Optional<Seat> toPrepare() {
        while (!closed) {
            for (Seat seat : seats) {
                if (seat.session == null) {
                    seat.preparing = true;
                    return Optional.of(seat);
                }
            }
            look();
        }
        return Optional.empty();
    }

    /** @return false when the room has closed meanwhile: the request is still the caller's, and has no seat any more */
    synchronized boolean prepared(Seat seat, Session session) {
        if (closed) {
            leave(seat);
            return false;
        }
        seat.session = session;
        seat.preparing = false;
        notifyAll();
        return true;
    }

    /** Gives a seat up. */
    synchronized void leave(Seat seat) {
        seats.remove(seat);
        notifyAll();
    }

    /** The prompt whose turn it is, once it is prepared. */
    synchronized Optional<Session> first() {
        return seats.isEmpty() ? Optional.empty() : Optional.ofNullable(seats.getFirst().session);
    }

    /** @return whether this prompt was still the first: it has no seat then, and is the caller's */
    synchronized boolean takeFirst(Session session) {
        if (seats.isEmpty() || seats.getFirst().session != session) {
            return false; // the room was closed meanwhile
        }
        seats.removeFirst();
        notifyAll();
        return true;
    }

    /** Lets those go who are not wanted any more; they are the caller's to end. */
    synchronized List<Ticket> unwanted() {
        return removed(false);
    }

    /** Closes for ever; those who waited are the caller's to end, but for one that is being prepared. */
    synchronized List<Ticket> close() {
        closed = true;
        notifyAll();
        return removed(true);
    }

    private List<Ticket> removed(boolean all) {
        List<Ticket> gone = new ArrayList<>();
        for (Iterator<Seat> each = seats.iterator(); each.hasNext(); ) {
            Seat seat = each.next();
            if (!seat.preparing && (all || seat.ticket.unwanted())) {
                each.remove();
                gone.add(seat.ticket);
            }
        }
        if (!gone.isEmpty()) {
            notifyAll();
        }
        return gone;
    }

    /**
     * Lets the engine rest until something changes, or somebody should be asked again.
     *
     * @param hadFirst what {@link #first} said before: if it says otherwise now, there is no time to rest
     */
    synchronized void rest(boolean hadFirst) {
        if (!closed && first().isPresent() == hadFirst) {
            look();
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized int waiting() {
        return seats.size();
    }

    private void look() {
        try {
            if (seats.isEmpty() && outside.isEmpty()) {
                wait(); // nobody to ask
            } else {
                wait(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            // Nobody of ours interrupts: it means no more than a look a little earlier.
        }
    }
}
