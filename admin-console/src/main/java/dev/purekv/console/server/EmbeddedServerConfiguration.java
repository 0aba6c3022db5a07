package dev.purekv.console.server;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.settings.SettingsException;
import dev.purekv.server.InferenceServer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one place that makes the server inside this process. Spring closes it last, after every door. */
@Configuration(proxyBeanMethods = false)
class EmbeddedServerConfiguration {
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    InferenceServer inferenceServer(PureKvSettings settings) {
        throw new SettingsException(
                "Starting the inference server for " + settings.modelRepository()
                        + ": this build holds no embedded server",
                "Use a build that includes it.");
    }
}
