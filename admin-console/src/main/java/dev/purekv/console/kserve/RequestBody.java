package dev.purekv.console.kserve;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.BiConsumer;

/**
 * Gathers a body as it arrives, so that a slow sender holds no thread. One that grows past the limit is refused at that
 * point; a broken one ends the exchange, for nobody is left to hear an answer.
 */
final class RequestBody implements ReadListener {
    private static final int CHUNK_BYTES = 64 * 1024;

    private final AsyncContext async;
    private final ServletInputStream in;
    private final long limitBytes;
    private final BiConsumer<ChunkStream, RuntimeException> then;
    private final ChunkStream gathered = new ChunkStream();
    private byte[] chunk = new byte[8 * 1024];
    private int filled;
    private boolean refused;

    private RequestBody(
            AsyncContext async,
            ServletInputStream in,
            long limitBytes,
            BiConsumer<ChunkStream, RuntimeException> then) {
        this.async = async;
        this.in = in;
        this.limitBytes = limitBytes;
        this.then = then;
    }

    /** @param then hears either the whole body or why it is refused, once */
    static void read(AsyncContext async, long limitBytes, BiConsumer<ChunkStream, RuntimeException> then)
            throws IOException {
        ServletInputStream in = async.getRequest().getInputStream();
        in.setReadListener(new RequestBody(async, in, limitBytes, then));
    }

    static Refusal tooLarge(long limitBytes) {
        return new Refusal(
                413,
                "the request body is larger than the allowed " + limitBytes
                        + " bytes; send less, or raise purekv.http.max-request-bytes");
    }

    @Override
    public void onDataAvailable() throws IOException {
        while (!refused && in.isReady() && !in.isFinished()) {
            int count = in.read(chunk, filled, chunk.length - filled);
            if (count < 0) {
                return;
            }
            filled += count;
            if (gathered.bytes() + filled > limitBytes) {
                refused = true;
                then.accept(null, tooLarge(limitBytes));
                return;
            }
            if (filled == chunk.length) {
                gathered.add(chunk);
                chunk = new byte[CHUNK_BYTES];
                filled = 0;
            }
        }
    }

    @Override
    public void onAllDataRead() {
        if (!refused) {
            gathered.add(Arrays.copyOf(chunk, filled));
            chunk = null;
            then.accept(gathered, null);
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!refused) {
            refused = true;
            async.complete();
        }
    }
}
