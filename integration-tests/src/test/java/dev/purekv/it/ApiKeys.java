package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Keys as an administrator makes them. */
final class ApiKeys {
    private ApiKeys() {}

    /**
     * Adds a key to a file, made where there is none, which may do what a console does and ask questions.
     *
     * @param requestsPerMinute 0 for no limit
     * @return the key
     */
    static String create(Path file, String name, int requestsPerMinute) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-jar",
                        "admin-console/target/admin-console.jar",
                        "keys",
                        "create",
                        name,
                        "--file",
                        file.toString(),
                        "--scopes",
                        "metadata,repository,inference",
                        "--requests-per-minute",
                        Integer.toString(requestsPerMinute))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        Matcher printed = Pattern.compile("\\S{30,}").matcher(output);
        assertThat(printed.find()).as(output).isTrue();
        return printed.group();
    }
}
