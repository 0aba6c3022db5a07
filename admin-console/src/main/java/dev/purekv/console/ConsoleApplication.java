package dev.purekv.console;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.tensor.LibTorch;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Serves a Triton model repository and its console from one process: {@code java -jar admin-console.jar}. */
@SpringBootApplication
@EnableConfigurationProperties(PureKvSettings.class)
public class ConsoleApplication {
    public static void main(String[] arguments) {
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
