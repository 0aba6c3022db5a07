package dev.purekv.console.doors;

import java.time.Duration;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * HTTP/1.1 whose connections can be found. Neither the servlet API nor a request leads to its connection.
 *
 * <p>Public, for Tomcat makes it by its name.
 */
public final class DoorProtocol extends Http11NioProtocol {
    private final DoorEndpoint endpoint;

    public DoorProtocol() {
        this(new DoorEndpoint());
    }

    private DoorProtocol(DoorEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        endpoint.getSocketProperties().setBufferPool(0);
    }

    /**
     * None: Tomcat's objects serve one connection and no other. An answer is written by threads of our own, and one may still
     * be on its way out of a failed write when Tomcat has ended that connection: by then a used-again object would belong to
     * another client, whose connection would be closed for it. Not a setting, since Spring Boot sets it to 200.
     */
    @Override
    public int getProcessorCache() {
        return 0;
    }

    void takeAtMost(int connectionCount) {
        endpoint.takeAtMost(connectionCount);
    }

    /** @param patience for the TLS handshake, and for the line and headers of each request */
    void headsWithin(Duration patience) {
        HeadDeadline deadline = new HeadDeadline(endpoint.getHandler(), patience);
        endpoint.setHandler(deadline);
        endpoint.handshakesWithin(deadline);
    }

    /** @return the number of connections that are served, where this client's is one too many; 0 where it is not */
    int turnsAway(String address, int port) {
        return endpoint.turnsAway(address, port) ? endpoint.mostConnections() : 0;
    }

    /** @return the client's connection, or one that has ended when it is there no more */
    ClientConnection connection(String address, int port) {
        for (SocketWrapperBase<NioChannel> connection : getEndpoint().getConnections()) {
            if (connection.getRemotePort() == port && address.equals(connection.getRemoteAddr())) {
                return new ClientConnection(connection);
            }
        }
        return ClientConnection.ENDED;
    }
}
