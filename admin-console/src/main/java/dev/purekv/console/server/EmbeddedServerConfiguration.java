package dev.purekv.console.server;

import dev.purekv.console.logging.TritonSpool;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.settings.SettingsException;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import dev.purekv.triton.EmbeddedServer;
import dev.purekv.triton.EmbeddedServerOptions;
import dev.purekv.triton.LogOutput;
import java.nio.file.Path;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one place that makes the server inside this process. Spring closes it last, after every door. */
@Configuration(proxyBeanMethods = false)
class EmbeddedServerConfiguration {
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    InferenceServer inferenceServer(PureKvSettings settings, TritonSpool log) {
        try {
            log.start(new TritonLog());
            return EmbeddedServer.start(EmbeddedServerOptions.of(settings.modelRepository()));
        } catch (IllegalStateException missingLibrary) {
            throw new SettingsException(
                    "Starting Triton: " + missingLibrary.getMessage(), "Install it and start again.");
        } catch (LinkageError unloadable) {
            throw new SettingsException(
                    "Starting Triton: its libraries cannot be unpacked and loaded: " + deepest(unloadable),
                    "They are unpacked into the folder that -Dorg.bytedeco.javacpp.cachedir names, .javacpp below the home"
                            + " folder otherwise. Let this user write there, mount it without noexec, and leave 1 GB free"
                            + " on its disk.");
        } catch (ServerException refused) {
            throw new SettingsException(
                    "Starting Triton on " + settings.modelRepository() + ": " + refused.getMessage(),
                    "Correct purekv.model-repository, or the repository.");
        }
    }

    private static final class TritonLog implements TritonSpool.Target {
        @Override
        public void file(Path file) {
            LogOutput.file(file);
        }

        @Override
        public void standardError() {
            LogOutput.standardError();
        }
    }

    private static String deepest(Throwable problem) {
        Throwable last = problem;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return last.getMessage();
    }
}
