package dev.purekv.console.doors;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * The connection of a client that waits for its answer. Tomcat does not read from it until the answer is out, and so does
 * not see that the client has gone.
 */
public final class ClientConnection {
    static final ClientConnection ENDED = new ClientConnection(null);

    private final SocketWrapperBase<NioChannel> socket;

    ClientConnection(SocketWrapperBase<NioChannel> socket) {
        this.socket = socket;
    }

    /** Ends the connection within a second or two unless the client takes what has been written: Tomcat would wait for that anew. */
    public void waitNoLonger() {
        if (socket != null) {
            socket.setWriteTimeout(1);
        }
    }

    /**
     * Looks for the end of the client's stream. What the client has sent meanwhile, a further request, stays in the
     * connection's own buffer and is answered in its turn; a buffer that such bytes have filled hides the end.
     *
     * @return true when it has closed its connection
     */
    public boolean gone() {
        if (socket == null || socket.isClosed()) {
            return true;
        }
        // Tomcat holds the lock while it works on the connection: then the client is there.
        if (!socket.getLock().tryLock()) {
            return false;
        }
        try {
            SocketBufferHandler buffers = socket.getSocketBufferHandler();
            buffers.configureReadBufferForWrite();
            ByteBuffer room = buffers.getReadBuffer();
            return room.hasRemaining() && socket.getSocket().read(room) < 0;
        } catch (IOException e) {
            return true;
        } finally {
            socket.getLock().unlock();
        }
    }
}
