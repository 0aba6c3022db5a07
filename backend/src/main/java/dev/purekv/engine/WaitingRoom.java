package dev.purekv.engine;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests that hold no cache yet, by priority and then by arrival: they wait to be prepared, and then for room in the cache. Only
 * a few are prepared at a time, because prepared prompts hold frames.
 *
 * <p>Nobody waits for ever. Who has waited long goes before all who have not, whatever their priorities, and by arrival among its like.
 * Who takes long to be prepared is passed by those who are ready.
 *
 * <p>A request in here belongs to the engine thread, except while it is being prepared. Only who has something to do is woken: each
 * thread that wakes takes a core from the computation.
 */
final class WaitingRoom {
    /** How often those who wait are asked whether they still want to. */
    private static final long LOOK_MILLIS = 20;

    private static final long MIDDLE = 2;

    /**
     * What bounds the waiting.
     *
     * @param size how many may wait
     * @param prepared how many of them may be prepared, or be under preparation
     * @param longWait nanoseconds from a request's arrival after which its priority counts no more
     * @param patience nanoseconds for which those who are ready let one before them be prepared
     */
    record Limits(int size, int prepared, long longWait, long patience) {}

    /** A request that waits. */
    static final class Seat {
        private final Ticket ticket;
        private final long priority;
        private boolean preparing;
        private long preparingSince;
        private Session session; // null until it is prepared

        private Seat(Ticket ticket) {
            this.ticket = ticket;
            long wanted = ticket.request().priority();
            this.priority = wanted == 0 ? MIDDLE : wanted;
        }

        Ticket ticket() {
            return ticket;
        }

        private boolean untouched() {
            return session == null && !preparing;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition somethingToPrepare = lock.newCondition();
    private final Condition somethingForTheEngine = lock.newCondition();
    private final List<Seat> seats = new ArrayList<>(); // by arrival
    private final Limits limits;
    private boolean closed;

    WaitingRoom(Limits limits) {
        this.limits = limits;
    }

    private <T> T locked(Supplier<T> body) {
        lock.lock();
        try {
            return body.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a seat; from then on the ticket is the room's.
     *
     * @throws ServingException OUT_OF_CAPACITY when the room is full or closed
     */
    void enter(Ticket ticket) {
        locked(() -> {
            if (closed) {
                throw Failures.stopping();
            }
            if (seats.size() >= limits.size()) {
                throw ServingException.outOfCapacity(
                        "%d requests already wait for this model: retry in a moment", limits.size());
            }
            seats.add(new Seat(ticket));
            if (lock.hasWaiters(somethingToPrepare)) {
                somethingToPrepare.signal();
            } else {
                somethingForTheEngine.signal(); // it asks those who wait whether they still want to
            }
            return null;
        });
    }

    /** Waits for the next request to prepare, which is the caller's until {@link #prepared} or {@link #leave}; empty at the end. */
    Optional<Seat> toPrepare() {
        return locked(() -> {
            while (!closed) {
                Optional<Seat> next = seats.stream().filter(Seat::untouched).min(order());
                if (next.isPresent()
                        && seats.stream().filter(seat -> !seat.untouched()).count() < limits.prepared()) {
                    next.get().preparing = true;
                    next.get().preparingSince = System.nanoTime();
                    return next;
                }
                somethingToPrepare.awaitUninterruptibly();
            }
            return Optional.empty();
        });
    }

    /** @return false when the room has closed meanwhile: the request is still the caller's, and has no seat any more */
    boolean prepared(Seat seat, Session session) {
        return locked(() -> {
            if (closed) {
                seats.remove(seat);
                return false;
            }
            seat.session = session;
            seat.preparing = false;
            somethingForTheEngine.signal();
            return true;
        });
    }

    /** Gives a seat up. */
    void leave(Seat seat) {
        locked(() -> {
            seats.remove(seat);
            somethingForTheEngine.signal(); // it counts them
            return null;
        });
    }

    /** The prepared prompt whose turn it is. */
    Optional<Session> first() {
        return locked(() -> firstSeat().map(seat -> seat.session));
    }

    private Optional<Seat> firstSeat() {
        long now = System.nanoTime();
        return seats.stream()
                .filter(seat -> seat.session != null || seat.preparing && now - seat.preparingSince < limits.patience())
                .min(order())
                .filter(seat -> seat.session != null); // else it is ready in a moment, and keeps its place
    }

    /** Equal ones are in the order of their arrival, which is that of the list. */
    private Comparator<Seat> order() {
        long now = System.nanoTime();
        return (a, b) -> {
            boolean aLong = now - a.ticket.request().arrived() >= limits.longWait();
            boolean bLong = now - b.ticket.request().arrived() >= limits.longWait();
            if (aLong || bLong) {
                return Boolean.compare(bLong, aLong);
            }
            return Long.compareUnsigned(a.priority, b.priority);
        };
    }

    /** @return whether this prompt still waited: it has no seat any more, and is the caller's */
    boolean take(Session session) {
        return locked(() -> {
            boolean taken = seats.removeIf(seat -> seat.session == session);
            if (taken && seats.stream().anyMatch(Seat::untouched)) {
                somethingToPrepare.signal();
            }
            return taken;
        });
    }

    /** Lets those go who are not wanted any more; they are the caller's to end. */
    List<Ticket> unwanted() {
        return locked(() -> removed(false));
    }

    /** Closes for ever; those who waited are the caller's to end, but for those that are being prepared. */
    List<Ticket> close() {
        return locked(() -> {
            closed = true;
            somethingForTheEngine.signalAll();
            somethingToPrepare.signalAll();
            return removed(true);
        });
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
            somethingToPrepare.signalAll();
        }
        return gone;
    }

    /**
     * Lets the engine rest until something changes, or somebody should be asked again.
     *
     * @param hadFirst what {@link #first} said before: if it says otherwise now, there is no time to rest
     */
    void rest(boolean hadFirst) {
        locked(() -> {
            if (!closed && firstSeat().isPresent() == hadFirst) {
                look();
            }
            return null;
        });
    }

    private void look() {
        try {
            if (seats.isEmpty()) {
                somethingForTheEngine.await(); // nobody to ask
            } else {
                somethingForTheEngine.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            // Nobody of ours interrupts: it means no more than a look a little earlier.
        }
    }

    boolean isClosed() {
        return locked(() -> closed);
    }

    int waiting() {
        return locked(seats::size);
    }
}
