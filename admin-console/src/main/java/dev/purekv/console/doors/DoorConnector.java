package dev.purekv.console.doors;

import dev.purekv.console.settings.PortTaken;
import java.net.InetAddress;
import java.time.Duration;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;

/**
 * A connector beside the main one. It names its own setting when its port cannot be opened: Spring Boot would name the
 * main connector's port.
 */
final class DoorConnector extends Connector {
    private static final int THREADS = 8;

    private final String key;

    DoorConnector(String key, int port, InetAddress address, int maxConnections, Duration headTimeout) {
        super(DoorProtocol.class.getName());
        this.key = key;
        setPort(port);
        setThrowOnFailure(true);
        if (getProtocolHandler() instanceof DoorProtocol protocol) {
            protocol.setAddress(address);
            protocol.setMaxThreads(THREADS);
            protocol.setMinSpareThreads(1);
            protocol.takeAtMost(maxConnections);
            protocol.headsWithin(headTimeout);
        }
    }

    @Override
    protected void startInternal() throws LifecycleException {
        try {
            super.startInternal();
        } catch (LifecycleException e) {
            throw PortTaken.of(key, getPort());
        }
    }
}
