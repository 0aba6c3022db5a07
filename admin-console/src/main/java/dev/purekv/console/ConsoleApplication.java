package dev.purekv.console;

import dev.purekv.console.keys.KeyCommand;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.tensor.LibTorch;
import java.util.Arrays;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/**
 * Serves a Triton model repository and its console from one process: {@code java -jar admin-console.jar}. With {@code keys}
 * as its first argument it changes the file of API keys instead.
 */
@SpringBootApplication
@EnableConfigurationProperties(PureKvSettings.class)
public class ConsoleApplication {
    public static void main(String[] arguments) {
        if (arguments.length > 0 && arguments[0].equals("keys")) {
            System.exit(KeyCommand.run(Arrays.copyOfRange(arguments, 1, arguments.length)));
        }
        loadNativesMeanwhile();
        SpringApplication.run(ConsoleApplication.class, arguments);
    }

    /** LibTorch takes as long to load as Spring to start. What fails here fails again, and is told, when Triton starts. */
    private static void loadNativesMeanwhile() {
        Thread thread = new Thread(
                () -> {
                    try {
                        LibTorch.start();
                    } catch (LinkageError | RuntimeException toldLater) {
                        // see above
                    }
                },
                "purekv-natives");
        thread.setDaemon(true);
        thread.start();
    }
}
