package dev.purekv.console.grpc;

import dev.purekv.console.patience.WaitingBytes;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Responses of one call that wait for its client, and the one thread at a time that writes them. A message goes to the
 * transport only when that asks for more, so what a slow client costs is one message there and what is queued here. Both count
 * as waiting until the client has them or the call has ended.
 */
final class Outbox<T> {
    private final ServerCallStreamObserver<T> call;
    private final Executor delivery;
    private final Uptake uptake;
    private final WaitingBytes waiting;
    private final ArrayDeque<Item<T>> items = new ArrayDeque<>();
    private long bytes;
    private long written; // to the transport, which still has some of it
    private Status finish; // once all that waits is written
    private Status failure; // what waits here is dropped
    private boolean cut; // at once
    private boolean closed;

    /** Counts calls of {@link #deliver} that came while one was at work, so that exactly one thread writes. */
    private final AtomicInteger calls = new AtomicInteger();

    private record Item<T>(T message, long bytes, Runnable written) {}

    Outbox(ServerCallStreamObserver<T> call, Executor delivery, Uptake uptake, WaitingBytes waiting) {
        this.call = call;
        this.delivery = delivery;
        this.uptake = uptake;
        this.waiting = waiting;
    }

    /**
     * @param messageBytes counted as waiting already
     * @param written called when the message has left the queue
     */
    void add(T message, long messageBytes, Runnable written) {
        synchronized (this) {
            if (!open()) {
                waiting.release(messageBytes);
                return;
            }
            items.add(new Item<>(message, messageBytes, written));
            bytes += messageBytes;
        }
        schedule();
    }

    /** Ends the call when all that waits is written. */
    void finish(Status status) {
        synchronized (this) {
            if (finish == null) {
                finish = status;
            }
        }
        schedule();
    }

    /** Ends the call as soon as its client would hear of it; what waits here is dropped. Only the first failure counts. */
    void fail(Status status) {
        synchronized (this) {
            if (failure == null && !closed) {
                failure = status;
                clear();
            }
        }
        schedule();
    }

    /** Ends the call at once and drops what the transport has: the client takes nothing, not even why. */
    void cut() {
        synchronized (this) {
            cut = true;
            clear();
        }
        schedule();
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized boolean open() {
        return !closed && !cut && failure == null;
    }

    /** @return how long the client has taken nothing of what waits; 0 when nothing waits */
    long stalledMillis() {
        synchronized (this) {
            if (closed) {
                return 0;
            }
        }
        long stalled = uptake.stalledMillis();
        if (stalled == 0) {
            schedule(); // it may have become ready while it was asked
        }
        return stalled;
    }

    /** The call has ended: nothing waits any more. */
    synchronized void ended() {
        closed = true;
        clear();
        taken();
    }

    /** Lets a delivery thread write what the client takes. */
    void schedule() {
        try {
            delivery.execute(this::deliver);
        } catch (RejectedExecutionException e) {
            ended(); // the process ends, and the transport with it
        }
    }

    private void deliver() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            try {
                write();
            } catch (RuntimeException | OutOfMemoryError e) {
                fail(Statuses.of(e));
            }
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }

    private void write() {
        while (true) {
            Item<T> item;
            synchronized (this) {
                if (call.isCancelled() && !closed) {
                    ended();
                }
                if (closed) {
                    return;
                }
                if (!cut && !call.isReady()) {
                    return; // the transport says when it takes more
                }
                taken();
                item = cut || failure != null ? null : items.poll();
                if (item == null) {
                    if (!cut && failure == null && finish == null) {
                        return;
                    }
                    closed = true;
                } else {
                    bytes -= item.bytes();
                    written = item.bytes();
                }
            }
            if (item == null) {
                close();
                return;
            }
            call.onNext(item.message());
            item.written().run();
        }
    }

    private void close() {
        Status status = failure == null ? finish : failure;
        if (cut) {
            uptake.reset();
        } else if (status.isOk()) {
            call.onCompleted();
        } else {
            call.onError(status.asRuntimeException());
        }
    }

    private void clear() {
        items.clear();
        waiting.release(bytes);
        bytes = 0;
    }

    private void taken() {
        waiting.release(written);
        written = 0;
    }
}
