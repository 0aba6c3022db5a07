package dev.purekv.console.exchange;

import dev.purekv.console.doors.ClientConnection;
import dev.purekv.console.doors.Doors;
import dev.purekv.console.patience.Cancelling;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One inference on its way to its client. The server's threads only put responses into a bounded queue; a few delivery
 * threads, or the container's when a socket becomes writable, turn them into bytes, one thread at a time. Nothing waits
 * for a slow client: past the queue's limit, or when it takes nothing for too long, the inference is cancelled and the
 * connection closed, as it is when the client goes away.
 */
final class Exchange implements ResponseObserver, WriteListener, AsyncListener {
    private static final int GIVEN_UP = 499; // nginx's; HTTP has none for a client that gave up
    private static final int SLICE_BYTES = 64 << 10; // in which an answer goes to the container

    private final AsyncContext async;
    private final HttpServletResponse response;
    private final ServletOutputStream out;
    private final ReplyForm form;
    private final Executor delivery;
    private final ResponseQueue queue;
    private final Owner owner;
    private final String clientAddress;
    private final int clientPort;
    private ClientConnection client; // found when it is first asked for; short answers never ask

    /** Counts calls of {@link #deliver} that came while one was at work, so that exactly one thread writes. */
    private final AtomicInteger calls = new AtomicInteger();

    /** The server's last word, and the client's having it or being gone. */
    private final AtomicInteger endsToCome = new AtomicInteger(2);

    /** Set by the container's first call: before it the response may not be touched. */
    private volatile boolean open;

    private volatile boolean abandoned;
    private volatile boolean stopWanted;
    private volatile RunningInference running;
    private volatile long waitingSince; // of System.nanoTime; for the client to take something

    // Only the delivering thread changes these.
    private boolean headWritten;
    private volatile byte[] rest; // of the response that is being written, from the byte 'written' on
    private int written;
    private volatile boolean flushWanted;
    private volatile boolean lastTaken;
    private volatile boolean completed;

    /** Who is told how far an exchange has come. */
    interface Owner {
        /** The server has said its last word. */
        void answered(Exchange exchange);

        /** And the client has it, or is gone. */
        void done(Exchange exchange);
    }

    Exchange(AsyncContext async, ReplyForm form, Executor delivery, ResponseQueue queue, Owner owner)
            throws IOException {
        this.async = async;
        this.response = (HttpServletResponse) async.getResponse();
        this.out = response.getOutputStream();
        this.form = form;
        this.delivery = delivery;
        this.queue = queue;
        this.owner = owner;
        this.clientAddress = async.getRequest().getRemoteAddr();
        this.clientPort = async.getRequest().getRemotePort();
    }

    /** Called once the server has taken the request; responses may have come before. */
    void started(RunningInference inference) throws IOException {
        running = inference;
        if (stopWanted) {
            Cancelling.cancel(inference);
        }
        async.addListener(this);
        out.setWriteListener(this);
    }

    /** Whether the client has everything, or is gone. */
    boolean delivered() {
        return completed;
    }

    /** Asks the server to stop; the client still gets what the server says last. */
    void stop() {
        stopWanted = true;
        Cancelling.cancel(running);
    }

    @Override
    public void response(InferenceResponse answer, boolean last) {
        if (!somethingWaits()) {
            waitingSince = System.nanoTime();
        }
        ResponseQueue.Place place = abandoned ? ResponseQueue.Place.TAKEN : queue.add(answer, last);
        if (place == ResponseQueue.Place.TOO_SLOW) {
            abandon();
        } else if (place == ResponseQueue.Place.NO_ROOM) {
            refuse();
        }
        schedule();
        if (last && abandoned) {
            form.close(); // perhaps nothing delivers any more
        }
        if (last) {
            owner.answered(this); // after scheduling: a stop ends the delivery threads once no exchange runs
            ended();
        }
    }

    /** Others leave no room for the response: the client hears that instead. */
    private void refuse() {
        ServerException why = new ServerException(ServerException.Status.UNAVAILABLE, queue.refusal());
        queue.end(new InferenceResponse("", "", "", List.of(), Map.of(), why));
        stop();
    }

    private void ended() {
        if (endsToCome.decrementAndGet() == 0) {
            owner.done(this);
        }
    }

    private boolean somethingWaits() {
        return !completed && (rest != null || flushWanted || lastTaken || !queue.isEmpty());
    }

    @Override
    public void onWritePossible() {
        open = true;
        deliver();
    }

    @Override
    public void onError(Throwable failure) {
        open = true;
        abandon();
        schedule();
    }

    @Override
    public void onError(AsyncEvent event) {
        onError(event.getThrowable());
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        onError(event.getThrowable());
    }

    @Override
    public void onComplete(AsyncEvent event) {
        if (!completed) {
            onError(event.getThrowable());
        }
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Started once only.
    }

    /**
     * Gives up when the client has closed its connection, which a failed write would only say when there is one, or does
     * not read.
     */
    void lookAtClient(Doors doors, long patienceMillis) {
        if (!open || abandoned || completed) {
            return;
        }
        if (client == null) {
            client = doors.client(clientAddress, clientPort);
        }
        boolean stalled = somethingWaits() && waitedMillis() > patienceMillis;
        if (client.gone() || stalled) {
            abandon();
            schedule();
        }
        if (stalled) {
            client.waitNoLonger();
        }
    }

    private long waitedMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - waitingSince);
    }

    /** The client is gone: nothing is written any more, and the server is asked to stop. */
    void abandon() {
        abandoned = true;
        stop();
    }

    private void schedule() {
        if (!open) {
            return; // the first onWritePossible delivers what came before it
        }
        try {
            delivery.execute(this::deliver);
        } catch (RejectedExecutionException e) {
            abandon(); // the doors are closing: the container ends the connection
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
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                abandon();
                complete();
            }
            seen = calls.addAndGet(-seen);
        } while (seen != 0);
    }

    /** Writes as long as there is something to write and the socket takes it. */
    private void write() throws IOException {
        while (!completed) {
            if (abandoned) {
                complete();
            } else if (!somethingWaits() || !out.isReady()) {
                return; // a response follows, or onWritePossible
            } else {
                waitingSince = System.nanoTime(); // the socket has taken all that went before
                writeOn();
            }
        }
    }

    private void writeOn() throws IOException {
        if (rest != null) {
            writeSlice();
        } else if (flushWanted) {
            flushWanted = false;
            queue.writing(0);
            out.flush();
        } else if (lastTaken) {
            complete();
        } else {
            takeNext();
        }
    }

    /** Not all at once: what the container keeps of it shows no progress until the last byte is out. */
    private void writeSlice() throws IOException {
        int count = Math.min(SLICE_BYTES, rest.length - written);
        out.write(rest, written, count);
        written += count;
        if (written == rest.length) {
            rest = null;
            flushWanted = true;
        }
    }

    private void takeNext() {
        ResponseQueue.Item item = queue.take();
        byte[] bytes = form.take(item.response(), item.last());
        queue.writing(bytes == null ? 0 : bytes.length);
        lastTaken = item.last();
        if (form.settled() && !lastTaken) {
            stop();
        }
        if (!headWritten && (bytes != null || lastTaken)) {
            headWritten = true;
            AnswerStatus.set(response, form.status());
            response.setContentType(form.contentType());
            form.headers().forEach(response::setHeader);
        }
        rest = bytes;
        written = 0;
    }

    private void complete() {
        if (!completed) {
            completed = true;
            rest = null;
            queue.close();
            form.close();
            try {
                if (abandoned && !headWritten) {
                    // Somebody who closed one direction only may still read, and an empty 200 would be a lie.
                    AnswerStatus.set(response, GIVEN_UP);
                }
                async.complete();
            } catch (IllegalStateException e) {
                // The container was faster: it completed the request when the connection broke.
                abandoned = true;
            }
            ended();
        }
    }
}
