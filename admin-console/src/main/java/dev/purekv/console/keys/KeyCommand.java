package dev.purekv.console.keys;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code java -jar admin-console.jar keys ...}: how operators make, list and revoke keys. A running server sees it at once. */
@Command(name = "keys", description = "Makes, lists and revokes API keys.", mixinStandardHelpOptions = true)
public final class KeyCommand {
    @Spec
    private CommandSpec spec;

    private KeyCommand() {}

    /** @return the exit code: 0, 1 where a file fails, 2 for a command line that is wrong */
    public static int run(String... arguments) {
        return new CommandLine(new KeyCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(failure.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(arguments);
    }

    @Command(description = "Makes a key and prints it, once: the file holds its hash alone.")
    int create(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--file", required = true, description = "the file of keys; made if it is not there")
                    Path file,
            @Option(
                            names = "--scopes",
                            required = true,
                            split = ",",
                            description = "of metadata, inference, repository")
                    Set<Scope> scopes,
            @Option(
                            names = "--requests-per-minute",
                            description = "0: no limit; without it the server's purekv.requests-per-minute holds")
                    Integer requestsPerMinute)
            throws IOException {
        String key;
        try {
            key = new KeyRing(file).create(name, scopes, requestsPerMinute);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        spec.commandLine().getOut().println(key);
        return CommandLine.ExitCode.OK;
    }

    @Command(description = "Lists the keys: name, scopes, requests a minute, when they were made.")
    int list(@Option(names = "--file", required = true) Path file) throws IOException {
        for (ApiKey key : new KeyFile(file).read()) {
            spec.commandLine()
                    .getOut()
                    .println(key.name() + "\t" + words(key) + "\t"
                            + (key.requestsPerMinute() == null ? "-" : key.requestsPerMinute()) + "\t"
                            + key.created());
        }
        return CommandLine.ExitCode.OK;
    }

    @Command(description = "Takes a key out of the file; requests with it are refused from then on.")
    int revoke(@Parameters(paramLabel = "NAME") String name, @Option(names = "--file", required = true) Path file)
            throws IOException {
        try {
            new KeyRing(file).revoke(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
        return CommandLine.ExitCode.OK;
    }

    private static String words(ApiKey key) {
        return key.scopes().stream().map(Scope::word).sorted().collect(Collectors.joining(","));
    }
}
