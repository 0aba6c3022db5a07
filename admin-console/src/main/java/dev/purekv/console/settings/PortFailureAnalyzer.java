package dev.purekv.console.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Says which setting to change when the main connector's port is taken; the other doors say it themselves. */
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class PortFailureAnalyzer extends AbstractFailureAnalyzer<PortInUseException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, PortInUseException cause) {
        SettingsException said = PortTaken.of("purekv.http.port", cause.getPort());
        return new FailureAnalysis(said.getMessage(), said.action(), cause);
    }
}
