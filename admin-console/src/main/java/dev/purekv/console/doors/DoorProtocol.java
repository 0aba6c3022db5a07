package dev.purekv.console.doors;

import java.io.IOException;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/1.1 that can tell whether a client which only waits has closed its connection. The servlet API has no such
 * question, and Tomcat does not read from a connection whose request is under way.
 *
 * <p>Public, for Tomcat makes it by its name.
 */
public final class DoorProtocol extends Http11NioProtocol {
    /**
     * Looks for the end of the client's stream. What the client has sent meanwhile, a further request, stays in the
     * connection's own buffer and is answered in its turn.
     */
    boolean gone(String address, int port) {
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            if (connection.getRemotePort() == port && address.equals(connection.getRemoteAddr())) {
                return ended(connection);
            }
        }
        return true;
    }

    private static boolean ended(SocketWrapperBase<NioChannel> connection) {
        // Tomcat holds the lock while it works on the connection: then the client is there.
        if (!connection.getLock().tryLock()) {
            return false;
        }
        try {
            connection.isReadyForRead();
            return false;
        } catch (IOException e) {
            return true;
        } finally {
            connection.getLock().unlock();
        }
    }
}
