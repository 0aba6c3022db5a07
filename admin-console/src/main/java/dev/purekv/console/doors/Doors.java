package dev.purekv.console.doors;

import java.util.EnumMap;
import java.util.Map;
import org.apache.catalina.connector.Connector;

/** Which door is at which port. Ports are known once the connectors listen, since 0 asks for any. */
public final class Doors {
    private final Map<Door, Connector> connectors = new EnumMap<>(Door.class);

    synchronized void put(Door door, Connector connector) {
        connectors.put(door, connector);
    }

    /** @return the port that the door listens on, or -1 before it does */
    public synchronized int port(Door door) {
        Connector connector = connectors.get(door);
        return connector == null ? -1 : connector.getLocalPort();
    }

    /** Finds a client of the KServe door whose request has been read to its end. */
    public ClientConnection client(String address, int port) {
        return client(Door.KSERVE, address, port);
    }

    /**
     * @param address of the client, as its request has it
     * @param port of the client
     */
    ClientConnection client(Door door, String address, int port) {
        Connector connector;
        synchronized (this) {
            connector = connectors.get(door);
        }
        if (connector.getProtocolHandler() instanceof DoorProtocol protocol) {
            return protocol.connection(address, port);
        }
        throw new IllegalStateException("the door " + door + " speaks another protocol");
    }

    /** Takes no connection any more; those that are there go on. */
    synchronized void closeToNewcomers() {
        connectors.values().forEach(connector -> {
            connector.pause();
            connector.getProtocolHandler().closeServerSocketGraceful();
        });
    }

    /** @return the door at a port of this process */
    synchronized Door at(int port) {
        for (Map.Entry<Door, Connector> entry : connectors.entrySet()) {
            if (entry.getValue().getLocalPort() == port) {
                return entry.getKey();
            }
        }
        throw new IllegalStateException("no door listens on port " + port);
    }
}
