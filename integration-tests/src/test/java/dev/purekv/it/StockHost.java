package dev.purekv.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A C++ program around libtritonserver with the assembled backend directory, as {@code integration-tests/src/test/native/host.cc}
 * describes it: lines of commands in, lines of results out.
 */
final class StockHost implements AutoCloseable {
    static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));
    private static final Path SOURCES = Path.of("integration-tests/src/test/native");
    private static final String TRITON = "backend/target/tritonserver/org/bytedeco/tritonserver/linux-x86_64";
    private static final String STAND_INS = "backend/target/classes/dev/purekv/natives/standins";
    private static final String MARK = "host> ";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Process process;
    private final Writer commands;
    private final BlockingQueue<String> results = new LinkedBlockingQueue<>();
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());

    private StockHost(Process process) {
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reading = new Thread(this::read, "host-output");
        reading.setDaemon(true);
        reading.start();
    }

    /** @return the program, compiled into the folder */
    static Path compile(Path folder) throws IOException, InterruptedException {
        Path program = folder.resolve("host");
        Process compiler = new ProcessBuilder(
                        "g++",
                        "-std=c++17",
                        "-O1",
                        "-I" + JAVA_HOME.resolve("include"),
                        "-I" + JAVA_HOME.resolve("include/linux"),
                        SOURCES.resolve("host.cc").toString(),
                        SOURCES.resolve("asking.cc").toString(),
                        "-L" + TRITON,
                        "-ltritonserver",
                        "-Wl,--allow-shlib-undefined",
                        "-ldl",
                        "-lpthread",
                        "-o",
                        program.toString())
                .inheritIO()
                .start();
        if (compiler.waitFor() != 0) {
            throw new IllegalStateException("the host does not compile");
        }
        return program;
    }

    /**
     * @param preloaded whether libjsig is, as the README asks for
     * @param settings of the backend, {@code key=value}
     */
    static StockHost start(Path program, Path repository, boolean preloaded, String... settings) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(program.toString(), repository.toString(), "backend/target/backends"));
        command.addAll(List.of(settings));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().put("LD_LIBRARY_PATH", TRITON + ":" + STAND_INS);
        if (preloaded) {
            builder.environment()
                    .put("LD_PRELOAD", JAVA_HOME.resolve("lib/libjsig.so").toString());
        }
        return new StockHost(builder.start());
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                if (line.startsWith(MARK)) {
                    results.add(line.substring(MARK.length()));
                }
            }
        } catch (IOException e) {
            output.add("(output ends: " + e.getMessage() + ")");
        }
        results.add("gone");
    }

    /** @return the next line of the program's own; {@code gone} when it ended */
    String result() throws InterruptedException {
        String result = results.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        if (result == null) {
            throw new AssertionError("no result in time:\n" + log());
        }
        return result;
    }

    /** Writes the command, and does not wait. */
    void send(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    String ask(String command) throws IOException, InterruptedException {
        send(command);
        return result();
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // Process.destroy() would close the streams as well
    }

    /** @return its exit value, once it has ended */
    int end() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("it does not end:\n" + log());
        }
        return process.exitValue();
    }

    String log() {
        return String.join("\n", List.copyOf(output));
    }

    /** Writes one model's config.pbtxt on the demonstration's checkpoint, as an editor does: never half of it. */
    static void configure(Path repository, String model, String parameters) throws IOException {
        Path folder = Files.createDirectories(repository.resolve(model));
        Files.createDirectories(folder.resolve("1"));
        Path checkpoint = Path.of("model-repository/moving-digits/1").toAbsolutePath();
        Path fresh = Files.writeString(folder.resolve("fresh"), """
                backend: "purekv"
                parameters { key: "checkpoint" value { string_value: "%s" } }
                %s
                """.formatted(checkpoint, parameters));
        Files.move(
                fresh,
                folder.resolve("config.pbtxt"),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
