package dev.purekv.console.settings;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Prints a setting that has the wrong type or a name that nobody knows. */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class BindingFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        if (cause.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
            ConfigurationProperty first =
                    unknown.getUnboundProperties().iterator().next();
            return new FailureAnalysis(
                    first.getName() + "=" + first.getValue() + ": no such setting",
                    "Remove it or correct its name; the settings are purekv.model-repository, purekv.state-directory,"
                            + " purekv.bind-address,"
                            + " purekv.allow-anonymous, purekv.keys-file, purekv.requests-per-minute,"
                            + " purekv.drain-seconds, purekv.http.port,"
                            + " purekv.http.max-request-bytes, purekv.media.allowed-hosts, purekv.media.max-bytes,"
                            + " purekv.media.timeout,"
                            + " purekv.grpc.port, purekv.metrics.port, purekv.console.port and"
                            + " purekv.console.oidc-roles-claim.",
                    cause);
        }
        ConfigurationProperty property = cause.getProperty();
        if (property == null || !property.getName().toString().startsWith("purekv.")) {
            return null; // not ours: Spring Boot's own words are better
        }
        String type =
                String.valueOf(cause.getTarget().getType().resolve(Object.class).getSimpleName());
        return new FailureAnalysis(
                property.getName() + "=" + property.getValue() + ": expected " + article(type),
                "Correct the value of " + property.getName() + " (it comes from " + property.getOrigin() + ").",
                cause);
    }

    private static String article(String type) {
        return switch (type) {
            case "int", "Integer" -> "a whole number";
            case "boolean", "Boolean" -> "true or false";
            case "Duration" -> "a time such as 30s";
            case "DataSize" -> "a size such as 256MB";
            default -> "a value of type " + type;
        };
    }
}
