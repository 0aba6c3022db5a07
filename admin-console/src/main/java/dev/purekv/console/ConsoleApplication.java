package dev.purekv.console;

import dev.purekv.console.settings.PureKvSettings;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** Serves a Triton model repository and its console from one process: {@code java -jar admin-console.jar}. */
@SpringBootApplication
@EnableConfigurationProperties(PureKvSettings.class)
public class ConsoleApplication {
    public static void main(String[] arguments) {
        SpringApplication.run(ConsoleApplication.class, arguments);
    }
}
