package dev.purekv.console.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Responses of one call that wait for its client, and the one thread at a time that writes them. A message goes to the
 * transport only when that asks for more, so what a slow client costs is what is queued here, which its owner bounds.
 */
final class Outbox<T> {
    private final ServerCallStreamObserver<T> call;
    private final Executor delivery;
    private final ArrayDeque<Item<T>> items = new ArrayDeque<>();
    private long bytes;
    private long waitingSince; // of System.nanoTime; of the first item
    private Status finish; // once all that waits is written
    private Status failure; // at once
    private boolean closed;

    /** Counts calls of {@link #deliver} that came while one was at work, so that exactly one thread writes. */
    private final AtomicInteger calls = new AtomicInteger();

    private record Item<T>(T message, long bytes, Runnable written) {}

    Outbox(ServerCallStreamObserver<T> call, Executor delivery) {
        this.call = call;
        this.delivery = delivery;
    }

    /** @param written called when the message has left the queue */
    void add(T message, long messageBytes, Runnable written) {
        synchronized (this) {
            if (closed || failure != null) {
                return;
            }
            if (items.isEmpty()) {
                waitingSince = System.nanoTime();
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

    /** Ends the call at once; what waits is dropped. Only the first failure counts. */
    void fail(Status status) {
        synchronized (this) {
            if (failure == null && !closed) {
                failure = status;
                clear();
            }
        }
        schedule();
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized boolean open() {
        return !closed && failure == null;
    }

    /** @return how long the client has taken nothing of what waits; 0 when nothing waits */
    synchronized long stalledMillis() {
        return items.isEmpty() ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - waitingSince);
    }

    /** Lets a delivery thread write what the client takes. */
    void schedule() {
        try {
            delivery.execute(this::deliver);
        } catch (RejectedExecutionException e) {
            synchronized (this) { // the process ends, and the transport with it
                closed = true;
                clear();
            }
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
                    closed = true;
                    clear();
                }
                if (closed) {
                    return;
                }
                if (failure != null || items.isEmpty()) {
                    if (failure == null && finish == null) {
                        return;
                    }
                    closed = true;
                    item = null;
                } else if (call.isReady()) {
                    item = items.remove();
                    bytes -= item.bytes();
                    waitingSince = System.nanoTime();
                } else {
                    return; // the transport says when it takes more
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
        if (status.isOk()) {
            call.onCompleted();
        } else {
            call.onError(status.asRuntimeException());
        }
    }

    private void clear() {
        items.clear();
        bytes = 0;
    }
}
