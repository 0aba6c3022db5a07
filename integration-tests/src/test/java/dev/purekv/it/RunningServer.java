package dev.purekv.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The server as a user starts it, {@code java -jar} from the repository's root, on free ports of the loopback address. */
public final class RunningServer implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path JAR = Path.of("admin-console/target/admin-console.jar");

    private final Process process;
    private final Thread reading;
    private final List<String> output = Collections.synchronizedList(new ArrayList<>());
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final int http;
    private final int grpc = freePort();
    private final int metrics = freePort();
    private final int console = freePort();
    private final Path state = Files.createTempDirectory("purekv-state");

    private RunningServer(
            int http, List<String> launcher, Path repository, Map<String, String> environment, List<String> settings)
            throws IOException {
        this.http = http;
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(
                "--purekv.model-repository=" + repository,
                "--purekv.http.port=" + http,
                "--purekv.grpc.port=" + grpc,
                "--purekv.metrics.port=" + metrics,
                "--purekv.console.port=" + console,
                "--purekv.state-directory=" + state));
        command.addAll(settings);
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        process = builder.start();
        reading = new Thread(this::read, "server-output");
        reading.start();
    }

    public static RunningServer start(Path repository) throws IOException, InterruptedException {
        return start(repository, Map.of());
    }

    /** @param environment variables to set */
    static RunningServer start(Path repository, Map<String, String> environment)
            throws IOException, InterruptedException {
        return start(repository, environment, List.of());
    }

    /** @param settings more arguments, {@code --key=value} */
    public static RunningServer start(Path repository, Map<String, String> environment, List<String> settings)
            throws IOException, InterruptedException {
        return startAt(freePort(), repository, environment, settings);
    }

    /** @param http the port of its HTTP interface, as that of a server that was there before */
    static RunningServer startAt(int http, Path repository, Map<String, String> environment, List<String> settings)
            throws IOException, InterruptedException {
        return awaitReady(new RunningServer(
                http,
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "-jar", JAR.toString()),
                repository,
                environment,
                settings));
    }

    /**
     * The server in a container on this machine's own network, with the repository where it is here. Signals reach it through the
     * docker command.
     *
     * @param javaOptions of its JVM
     */
    static RunningServer startImage(String image, Path repository, String javaOptions)
            throws IOException, InterruptedException {
        Path folder = repository.toAbsolutePath();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> launcher = List.of(
                "docker",
                "run",
                "--rm",
                "--network",
                "host",
                "--read-only",
                "--tmpfs",
                "/tmp",
                "--cap-drop",
                "ALL",
                "-e",
                "JDK_JAVA_OPTIONS=" + javaOptions,
                "-v",
                folder + ":" + folder + ":ro",
                image);
        return awaitReady(new RunningServer(
                freePort(),
                launcher,
                folder,
                Map.of(),
                List.of("--purekv.bind-address=127.0.0.1", "--purekv.state-directory=/var/lib/purekv/console")));
    }

    private static RunningServer awaitReady(RunningServer server) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        // The doors open a moment before everything has started, a graceful stop among it.
        while (!server.answers("/v2/health/ready") || !server.log().contains(" ready in ")) {
            if (!server.process.isAlive() || System.nanoTime() > deadline) {
                server.close();
                throw new IllegalStateException("the server did not start:\n" + server.log());
            }
            Thread.sleep(100);
        }
        return server;
    }

    public int grpcPort() {
        return grpc;
    }

    int consolePort() {
        return console;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines.lines().forEach(output::add);
        } catch (UncheckedIOException | IOException e) {
            output.add("(output ends: " + e.getMessage() + ")");
        }
    }

    public String log() {
        return String.join("\n", List.copyOf(output));
    }

    /** @return of the JVM, which in a container is another than the command that was started */
    public long pid() {
        String port = "--purekv.http.port=" + http;
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().command().orElse("").endsWith("/java"))
                .filter(each ->
                        List.of(each.info().arguments().orElse(new String[0])).contains(port))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseGet(process::pid);
    }

    public boolean alive() {
        return process.isAlive();
    }

    private boolean answers(String path) throws InterruptedException {
        try {
            return get(path).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(http, path)).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> metrics() throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(metrics, "/metrics")).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, Object body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(http, path))
                .timeout(Duration.ofMinutes(2))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        body instanceof String text ? text : JSON.writeValueAsString(body)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** An open connection, from which the answer's lines come one by one. */
    public HttpResponse<Stream<String>> stream(String path, Object body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(http, path))
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofLines());
    }

    /** Asks the process to end, and does not wait. */
    void terminate() {
        process.destroy();
    }

    /** Ends the process as a machine that fails does: SIGKILL, and nothing is cleaned up by it. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** @return whether it was gone in time */
    boolean gone(Duration patience) throws InterruptedException {
        return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    public int httpPort() {
        return http;
    }

    /** Asks about a clip the way that the README does. */
    public String ask(Path clip, String question) throws IOException, InterruptedException {
        HttpResponse<String> response = post(
                "/v2/models/moving-digits/generate",
                Map.of("text_input", question, "video", base64(clip), "exclude_input_in_output", true));
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return JSON.readTree(response.body()).path("text_output").asString();
    }

    public static String base64(Path file) throws IOException {
        return Base64.getEncoder().encodeToString(Files.readAllBytes(file));
    }

    static JsonNode json(HttpResponse<String> response) {
        return JSON.readTree(response.body());
    }

    private static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the server did not stop within 10 s of SIGTERM:\n" + log());
            }
            reading.join(1000);
            deleteState();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException("deleting " + state, e);
        }
    }

    private void deleteState() throws IOException {
        try (Stream<Path> files = Files.walk(state)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
