package dev.purekv.console.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.tomcat.ConnectorStartFailedException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Says which setting to change when a door's port is taken. */
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class PortFailureAnalyzer implements FailureAnalyzer {
    private final Environment environment;

    PortFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    public FailureAnalysis analyze(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException inUse) {
                return taken(inUse.getPort(), failure);
            }
            if (cause instanceof ConnectorStartFailedException connector) {
                return taken(connector.getPort(), failure);
            }
        }
        return null;
    }

    private FailureAnalysis taken(int port, Throwable failure) {
        String key = "the door's port";
        for (Map.Entry<String, Integer> door : ports().entrySet()) {
            if (door.getValue() == port) {
                key = door.getKey();
            }
        }
        SettingsException said = PortTaken.of(key, port);
        return new FailureAnalysis(said.getMessage(), said.action(), failure);
    }

    private Map<String, Integer> ports() {
        Map<String, Integer> defaults = new LinkedHashMap<>();
        defaults.put("purekv.http.port", 8000);
        defaults.put("purekv.grpc.port", 8001);
        defaults.put("purekv.metrics.port", 8002);
        defaults.put("purekv.console.port", 8080);
        defaults.replaceAll((key, standard) -> environment.getProperty(key, Integer.class, standard));
        return defaults;
    }
}
