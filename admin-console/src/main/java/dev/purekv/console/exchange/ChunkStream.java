package dev.purekv.console.exchange;

import java.io.InputStream;
import java.util.ArrayDeque;

/** Bytes in chunks, read once; each chunk is let go of when it has been read. */
public final class ChunkStream extends InputStream {
    private final ArrayDeque<byte[]> chunks = new ArrayDeque<>();
    private final HeldBytes held;
    private long bytes;
    private int position;

    public ChunkStream(HeldBytes held) {
        this.held = held;
    }

    /** What this body takes of the budget. */
    public HeldBytes held() {
        return held;
    }

    public void add(byte[] chunk) {
        if (chunk.length > 0) {
            chunks.add(chunk);
            bytes += chunk.length;
        }
    }

    /** @return how many were added */
    public long bytes() {
        return bytes;
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        byte[] first = chunks.peek();
        if (first == null) {
            return -1;
        }
        int count = Math.min(length, first.length - position);
        System.arraycopy(first, position, target, offset, count);
        position += count;
        if (position == first.length) {
            chunks.remove();
            position = 0;
        }
        return count;
    }
}
