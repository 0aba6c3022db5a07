package dev.purekv.engine;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The requests that hold no cache yet, by priority and then by arrival: they wait to be prepared, and then for room in the cache. Only
 * a few are prepared at a time, because prepared prompts hold frames.
 *
 * <p>A request in here belongs to the engine thread, except while it is being prepared.
 */
final class WaitingRoom {
    /** How often those who wait are asked whether they still want to. */
    private static final long LOOK_MILLIS = 20;

    private static final long MIDDLE = 2;
    private static final Comparator<Seat> ORDER = (a, b) -> Long.compareUnsigned(a.priority, b.priority);

    /** A request that waits. */
    static final class Seat {
        private final Ticket ticket;
        private final long priority;
        private boolean preparing;
        private Session session; // null until it is prepared

        private Seat(Ticket ticket) {
            this.ticket = ticket;
            long wanted = ticket.request().priority();
            this.priority = wanted == 0 ? MIDDLE : wanted;
        }

        Ticket ticket() {
            return ticket;
        }
    }

    private final List<Seat> seats = new ArrayList<>(); // in their order
    private final int size;
    private final int prepared;
    private boolean closed;

    /**
     * @param size how many may wait
     * @param prepared how many of them may be prepared, or be under preparation
     */
    WaitingRoom(int size, int prepared) {
        this.size = size;
        this.prepared = prepared;
    }

    /**
     * Takes a seat; from then on the ticket is the room's.
     *
     * @throws ServingException OUT_OF_CAPACITY when the room is full or closed
     */
    synchronized void enter(Ticket ticket) {
        if (closed) {
            throw Failures.stopping();
        }
        if (seats.size() >= size) {
            throw ServingException.outOfCapacity("%d requests already wait for this model: retry in a moment", size);
        }
        seats.add(new Seat(ticket));
        seats.sort(ORDER); // stable: equal ones stay in the order of their arrival
        notifyAll();
    }

    /** Waits for the next request to prepare, which is the caller's until {@link #prepared} or {@link #leave}; empty at the end. */
    synchronized Optional<Seat> toPrepare() {
        while (!closed) {
            if (seats.stream().filter(seat -> seat.session != null).count() < prepared) {
                for (Seat seat : seats) {
                    if (seat.session == null) {
                        seat.preparing = true;
                        return Optional.of(seat);
                    }
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

    /** The prepared prompt whose turn it is. */
    synchronized Optional<Session> first() {
        return firstSeat().map(seat -> seat.session);
    }

    private Optional<Seat> firstSeat() {
        return seats.stream().filter(seat -> seat.session != null).findFirst();
    }

    /** @return whether this prompt still waited: it has no seat any more, and is the caller's */
    synchronized boolean take(Session session) {
        boolean taken = seats.removeIf(seat -> seat.session == session);
        notifyAll();
        return taken;
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
        if (!closed && firstSeat().isPresent() == hadFirst) {
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
            if (seats.isEmpty()) {
                wait(); // nobody to ask
            } else {
                wait(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            // Nobody of ours interrupts: it means no more than a look a little earlier.
        }
    }
}
