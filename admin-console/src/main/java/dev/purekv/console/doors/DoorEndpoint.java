package dev.purekv.console.doors;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Takes a few connections more than it serves, so that those above the number are told so: Tomcat's own bound leaves them
 * in the kernel's queue, where a client waits without a word. What comes above these few as well is closed.
 */
final class DoorEndpoint extends NioEndpoint {
    private static final int SURPLUS = 64;

    private final Set<SocketChannel> surplus = ConcurrentHashMap.newKeySet();
    private int mostConnections = Integer.MAX_VALUE - SURPLUS;
    private HeadDeadline handshakes;

    void takeAtMost(int connectionCount) {
        mostConnections = connectionCount;
        setMaxConnections(-1); // of Tomcat's bound
    }

    void handshakesWithin(HeadDeadline deadline) {
        handshakes = deadline;
    }

    /** @return false where Tomcat is to close the connection; there is no answer before the handshake is done */
    @Override
    public boolean processSocket(SocketWrapperBase<NioChannel> socket, SocketEvent event, boolean dispatch) {
        boolean shaking = handshakes != null && !socket.getSocket().isHandshakeComplete();
        return (!shaking || handshakes.handshakeInTime(socket)) && super.processSocket(socket, event, dispatch);
    }

    int mostConnections() {
        return mostConnections;
    }

    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        if (connections.size() >= mostConnections + SURPLUS) {
            destroySocket(socket);
            return false;
        }
        if (!hasRoom()) {
            surplus.add(socket);
        }
        return super.setSocketOptions(socket);
    }

    /** Whether a client's connection is above the number; one that has come to be within it stays. */
    boolean turnsAway(String address, int port) {
        if (surplus.isEmpty()) {
            return false;
        }
        boolean room = hasRoom();
        for (SocketChannel each : surplus) {
            if (isOf(each, address, port)) {
                return !room || !surplus.remove(each);
            }
        }
        return false;
    }

    private boolean hasRoom() {
        surplus.removeIf(each -> !each.isOpen());
        return connections.size() - surplus.size() < mostConnections;
    }

    private static boolean isOf(SocketChannel socket, String address, int port) {
        try {
            return socket.getRemoteAddress() instanceof InetSocketAddress client
                    && client.getPort() == port
                    && client.getAddress().getHostAddress().equals(address);
        } catch (IOException closed) {
            return false;
        }
    }
}
