package dev.purekv.it;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PortBinding;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import tools.jackson.databind.JsonNode;

/**
 * The image as it is meant to run: no rights, a read-only root file system, libraries on a volume. Ports are fixed, since a
 * container that is started again gets others otherwise.
 */
final class ServerContainer extends GenericContainer<ServerContainer> {
    static final Path CLIP = Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4");
    static final String QUESTION = "Describe the video.";
    static final String ANSWER = "a red 1 moves left, a blue 2 moves up, a magenta 4 moves down and a white 8 moves up";
    static final String GENERATE = "/v2/models/moving-digits/generate";
    private static final int HTTP = 8000;
    private static final int GRPC = 8001;
    private static final int CONSOLE = 8080;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final int httpPort = freePort();
    private final int grpcPort = freePort();
    private final int consolePort = freePort();
    private final List<Bind> binds = new ArrayList<>();
    private String key = "none";

    ServerContainer() {
        this(TestImage.NAME);
    }

    /** @param image that was made of the server's */
    ServerContainer(String image) {
        super(image);
        binds.add(new Bind(TestImage.CACHE_VOLUME, new Volume("/var/cache/purekv")));
        withEnv("PUREKV_ALLOW_ANONYMOUS", "true");
        withTmpFs(Map.of("/tmp", "size=16m"));
        withCreateContainerCmdModifier(command -> harden(command.getHostConfig()));
        waitingFor(Wait.forLogMessage(".* ready in .*\\n", 1).withStartupTimeout(PATIENCE));
    }

    private void harden(HostConfig host) {
        host.withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withBinds(binds)
                .withPortBindings(
                        new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", httpPort), new ExposedPort(HTTP)),
                        new PortBinding(Ports.Binding.bindIpAndPort("127.0.0.1", grpcPort), new ExposedPort(GRPC)),
                        new PortBinding(
                                Ports.Binding.bindIpAndPort("127.0.0.1", consolePort), new ExposedPort(CONSOLE)));
    }

    ServerContainer withRepository(Path folder) {
        return withReadOnly(folder, "/models");
    }

    /** @param file or folder, that its user can read: another than the one here */
    ServerContainer withReadOnly(Path file, String inside) {
        binds.add(Bind.parse(file.toAbsolutePath() + ":" + inside + ":ro"));
        return this;
    }

    /** A repository that the console may change; the container's user is another, so everybody may write there. */
    ServerContainer withOwnRepository(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.toList()) {
                Files.setPosixFilePermissions(
                        each, PosixFilePermissions.fromString(Files.isDirectory(each) ? "rwxrwxrwx" : "rw-rw-rw-"));
            }
        }
        binds.add(Bind.parse(folder.toAbsolutePath() + ":/models"));
        return this;
    }

    /** @param volume for people, history and evaluations; made where there is none, and removed by {@link #removeVolume} */
    ServerContainer withState(String volume) {
        binds.add(new Bind(volume, new Volume("/var/lib/purekv")));
        return this;
    }

    static void removeVolume(String volume) {
        DockerClientFactory.instance().client().removeVolumeCmd(volume).exec();
    }

    /**
     * Lets in only who has a key.
     *
     * @param file of keys
     * @param own the key that this class's requests have
     */
    ServerContainer withKeys(Path file, String own) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        key = own;
        return withReadOnly(file, "/etc/purekv-keys.json")
                .withEnv("PUREKV_ALLOW_ANONYMOUS", "false")
                .withEnv("PUREKV_KEYS_FILE", "/etc/purekv-keys.json");
    }

    /** @param options of a file system in memory, in place of the volume */
    ServerContainer withLibrariesIn(String options) {
        binds.clear();
        return withTmpFs(Map.of("/tmp", "size=1m", "/var/cache/purekv", options));
    }

    /** More than this, and the kernel kills it; there is no swap. */
    ServerContainer withMemory(long bytes) {
        return withCreateContainerCmdModifier(
                command -> command.getHostConfig().withMemory(bytes).withMemorySwap(bytes));
    }

    int httpPort() {
        return httpPort;
    }

    int grpcPort() {
        return grpcPort;
    }

    ConsoleClient visitor() {
        return new ConsoleClient(consolePort);
    }

    ConsoleClient firstLogin() throws IOException, InterruptedException {
        return ConsoleClient.firstLogin(consolePort, getLogs());
    }

    /** SIGKILL. */
    void crash() {
        getDockerClient().killContainerCmd(getContainerId()).exec();
    }

    /** {@code docker stop}: SIGTERM, and SIGKILL after the time. */
    void stopGently(Duration time) {
        getDockerClient()
                .stopContainerCmd(getContainerId())
                .withTimeout((int) time.toSeconds())
                .exec();
    }

    /** The same container again, with what it had written. */
    void startAgain() throws InterruptedException {
        getDockerClient().startContainerCmd(getContainerId()).exec();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not ready again:\n" + getLogs());
            }
            Thread.sleep(100);
        }
    }

    private boolean ready() throws InterruptedException {
        try {
            return get("/v2/health/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    InspectContainerResponse.ContainerState state() {
        return getCurrentContainerInfo().getState();
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, Object body) throws IOException, InterruptedException {
        return client.send(request(path, body), HttpResponse.BodyHandlers.ofString());
    }

    /** An open connection, from which the answer's lines come one by one. */
    Stream<String> stream(String path, Object body) throws IOException, InterruptedException {
        return client.send(request(path, body), HttpResponse.BodyHandlers.ofLines())
                .body();
    }

    /** The known question about the known clip. */
    JsonNode ask(Map<String, Object> parameters) throws IOException, InterruptedException {
        HttpResponse<String> response = post(
                GENERATE,
                Map.of(
                        "text_input",
                        QUESTION,
                        "video",
                        RunningServer.base64(CLIP),
                        "exclude_input_in_output",
                        true,
                        "parameters",
                        parameters));
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return RunningServer.json(response);
    }

    String ask() throws IOException, InterruptedException {
        return ask(Map.of()).path("text_output").asString();
    }

    /** How much smaller the cache of the known question was made. */
    double achievedRatio() throws IOException, InterruptedException {
        return ask(Map.of("return_kv_metrics", true))
                .path("kv_compression_ratio")
                .asDouble();
    }

    private HttpRequest request(String path, Object body) {
        return HttpRequest.newBuilder(uri(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(RunningServer.JSON.writeValueAsString(body)))
                .build();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + httpPort + path);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
