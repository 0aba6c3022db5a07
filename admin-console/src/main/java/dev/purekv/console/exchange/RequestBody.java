package dev.purekv.console.exchange;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Gathers a body as it arrives, so that a slow sender holds no thread. One that grows past the limits is refused at that
 * point, and one that is not there in time as well: a sender of one byte a second keeps every limit on silence. A broken one
 * ends the exchange, for nobody is left to hear an answer.
 */
public final class RequestBody implements ReadListener, AsyncListener {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final AsyncContext async;
    private final ServletInputStream in;
    private final RequestLimits limits;
    private final BiConsumer<ChunkStream, Refusal> then;
    private final HeldBytes held;
    private final ChunkStream gathered;
    private byte[] chunk = new byte[8 * 1024];
    private int filled;
    private boolean done;

    private RequestBody(
            AsyncContext async, ServletInputStream in, RequestLimits limits, BiConsumer<ChunkStream, Refusal> then) {
        this.async = async;
        this.in = in;
        this.limits = limits;
        this.then = then;
        this.held = new HeldBytes(limits.bodies());
        this.gathered = new ChunkStream(held);
    }

    /** @param then hears either the whole body or why it is refused, once; the body counts as held until it
     *     returns, unless it keeps it */
    public static void read(AsyncContext async, RequestLimits limits, BiConsumer<ChunkStream, Refusal> then)
            throws IOException {
        ServletInputStream in = async.getRequest().getInputStream();
        RequestBody body = new RequestBody(async, in, limits, then);
        // Tomcat looks once a second, on a thread that has the connection to itself.
        async.setTimeout(limits.bodyTimeout().toMillis());
        async.addListener(body);
        in.setReadListener(body);
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (!done && in.isReady() && !in.isFinished()) {
            int count = in.read(chunk, filled, chunk.length - filled);
            if (count < 0) {
                return;
            }
            filled += count;
            try {
                take(count);
            } catch (Refusal refusal) {
                end(null, refusal);
            }
        }
    }

    private void take(int count) {
        if (held.bytes() + count > limits.maxRequestBytes()) {
            throw limits.tooLarge();
        }
        held.add(count);
        if (filled == chunk.length) {
            gathered.add(chunk);
            chunk = new byte[CHUNK_BYTES];
            filled = 0;
        }
    }

    @Override
    public void onAllDataRead() {
        if (!done) {
            gathered.add(Arrays.copyOf(chunk, filled));
            end(gathered, null);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!done) {
            done = true;
            held.release();
            async.complete();
        }
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        if (!done) {
            end(null, limits.tooSlow());
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        if (!done) {
            done = true;
            held.release();
        }
    }

    @Override
    public void onError(AsyncEvent event) {
        // Told to the reader's onError, or to onComplete.
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Started once only.
    }

    private void end(ChunkStream body, Refusal refusal) {
        done = true;
        async.setTimeout(0); // an answer takes as long as it takes; sockets have their own limits
        chunk = null;
        try {
            then.accept(body, refusal);
        } finally {
            if (!held.kept()) {
                held.release();
            }
        }
    }
}
