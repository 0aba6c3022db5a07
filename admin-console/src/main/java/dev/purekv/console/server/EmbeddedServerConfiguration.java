package dev.purekv.console.server;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.settings.SettingsException;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one place that makes the server inside this process. Spring closes it last, after every door. */
@Configuration(proxyBeanMethods = false)
class EmbeddedServerConfiguration {
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    InferenceServer inferenceServer(PureKvSettings settings) {
        try {
            return EmbeddedServer.start(EmbeddedServerOptions.of(settings.modelRepository()));
        } catch (IllegalStateException missingLibrary) {
            throw new SettingsException(
                    "Starting Triton: " + missingLibrary.getMessage(), "Install it and start again.");
        } catch (ServerException refused) {
            throw new SettingsException(
                    "Starting Triton on " + settings.modelRepository() + ": " + refused.getMessage(),
                    "Correct purekv.model-repository, or the repository.");
        }
    }
}
