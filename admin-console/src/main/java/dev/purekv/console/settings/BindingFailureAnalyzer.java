package dev.purekv.console.settings;

import java.util.List;
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
    private static final List<String> NAMES = List.of(
            "purekv.model-repository",
            "purekv.state-directory",
            "purekv.bind-address",
            "purekv.allow-anonymous",
            "purekv.keys-file",
            "purekv.requests-per-minute",
            "purekv.trace-file",
            "purekv.drain-seconds",
            "purekv.media.allowed-hosts",
            "purekv.media.max-bytes",
            "purekv.media.timeout",
            "purekv.http.port",
            "purekv.http.max-request-bytes",
            "purekv.http.max-header-bytes",
            "purekv.http.max-connections",
            "purekv.http.max-requests",
            "purekv.http.idle-timeout",
            "purekv.http.head-timeout",
            "purekv.http.body-timeout",
            "purekv.http.stall-timeout",
            "purekv.grpc.port",
            "purekv.grpc.max-message-bytes",
            "purekv.grpc.max-metadata-bytes",
            "purekv.grpc.max-connections",
            "purekv.grpc.max-calls",
            "purekv.grpc.max-calls-per-connection",
            "purekv.grpc.max-resets-per-second",
            "purekv.grpc.min-ping-interval",
            "purekv.grpc.keep-alive-time",
            "purekv.grpc.keep-alive-timeout",
            "purekv.grpc.message-timeout",
            "purekv.grpc.stall-timeout",
            "purekv.metrics.port",
            "purekv.metrics.max-connections",
            "purekv.metrics.anonymous",
            "purekv.console.port",
            "purekv.console.max-connections",
            "purekv.console.oidc-roles-claim",
            "purekv.remote.watch-interval");

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        if (cause.getCause() instanceof UnboundConfigurationPropertiesException unknown) {
            ConfigurationProperty first =
                    unknown.getUnboundProperties().iterator().next();
            return new FailureAnalysis(
                    first.getName() + "=" + first.getValue() + ": no such setting",
                    "Remove it or correct its name; the settings are " + String.join(", ", NAMES)
                            + "; README.md says what each means.",
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
