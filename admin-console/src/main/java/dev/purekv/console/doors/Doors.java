package dev.purekv.console.doors;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.threads.ThreadPoolExecutor;

/** Which door is at which port. Ports are known once the connectors listen, since 0 asks for any. */
public final class Doors {
    private final Map<Door, Connector> connectors = new EnumMap<>(Door.class);
    private final Map<Integer, Door> ports = new HashMap<>();

    synchronized void put(Door door, Connector connector) {
        connectors.put(door, connector);
    }

    /** @return the port that the door listens on, or -1 before it does */
    public synchronized int port(Door door) {
        Connector connector = connectors.get(door);
        return connector == null ? -1 : connector.getLocalPort();
    }

    /** @return what a client hears whose connection is above the door's number of them; null for one that is not */
    String turnsAway(Door door, String address, int port) {
        int most = protocol(door).turnsAway(address, port);
        return most == 0
                ? null
                : "all " + most + " connections that " + door.setting("max-connections")
                        + " allows are open; try again later";
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
        return protocol(door).connection(address, port);
    }

    private DoorProtocol protocol(Door door) {
        if (connector(door).getProtocolHandler() instanceof DoorProtocol protocol) {
            return protocol;
        }
        throw new IllegalStateException("the door " + door + " speaks another protocol");
    }

    synchronized Connector connector(Door door) {
        return connectors.get(door);
    }

    /**
     * Takes no connection any more; those that are there go on. Tomcat's pause would close each without a word that has sent
     * a request which no thread has begun with.
     */
    synchronized void closeToNewcomers() {
        learnPorts();
        connectors.values().forEach(connector -> connector.getProtocolHandler().closeServerSocketGraceful());
    }

    /** Whether a thread is at a request, which may be one that no handler has heard of yet. */
    synchronized boolean busy() {
        return connectors.values().stream()
                .anyMatch(connector -> connector.getProtocolHandler().getExecutor()
                                instanceof ThreadPoolExecutor threads
                        && (threads.getActiveCount() > 0 || !threads.getQueue().isEmpty()));
    }

    /** @return the door at a port of this process */
    synchronized Door at(int port) {
        learnPorts();
        Door door = ports.get(port);
        if (door == null) {
            throw new IllegalStateException("no door listens on port " + port);
        }
        return door;
    }

    /** A door that takes no more connections has no port, but requests on those that it has. */
    private void learnPorts() {
        if (ports.size() < connectors.size()) {
            connectors.forEach((door, connector) -> {
                if (connector.getLocalPort() > 0) {
                    ports.put(connector.getLocalPort(), door);
                }
            });
        }
    }
}
