package dev.purekv.console.grpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * What a client hears on a connection that is not served: the server's settings, which open every connection, and that it goes
 * away (RFC 9113, sections 3.4, 6.5 and 6.8). gRPC's clients make UNAVAILABLE of it; not all show the reason.
 */
final class Farewell {
    private static final int FRAME_HEAD_BYTES = 9;
    private static final byte SETTINGS = 4;
    private static final byte GOAWAY = 7;
    private static final int NOTHING_WAS_DONE = 0; // the last call that was looked at
    private static final int NO_ERROR = 0;
    private static final int MOST_READ_BYTES = 64 << 10;

    private final byte[] frames;

    Farewell(String why) {
        byte[] reason = why.getBytes(StandardCharsets.US_ASCII);
        int bytes = 8 + reason.length;
        frames = ByteBuffer.allocate(2 * FRAME_HEAD_BYTES + bytes)
                .put(head(SETTINGS, 0))
                .put(head(GOAWAY, bytes))
                .putInt(NOTHING_WAS_DONE)
                .putInt(NO_ERROR)
                .put(reason)
                .array();
    }

    /** Of the connection's stream 0, without flags. */
    private static byte[] head(byte type, int bytes) {
        return ByteBuffer.allocate(FRAME_HEAD_BYTES)
                .put((byte) 0)
                .putShort((short) bytes)
                .put(type)
                .array();
    }

    /** @return false when the client is gone */
    boolean say(SocketChannel connection) {
        try {
            connection.configureBlocking(false);
            // A new connection has room for so little.
            return connection.write(ByteBuffer.wrap(frames)) == frames.length;
        } catch (IOException e) {
            return false;
        }
    }

    /** Closes the connection, after reading what came. */
    static void end(SocketChannel connection) {
        try (connection) {
            ByteBuffer bytes = ByteBuffer.allocate(MOST_READ_BYTES);
            connection.read(bytes);
        } catch (IOException e) {
            // The client has gone, and nothing is left to close.
        }
    }
}
