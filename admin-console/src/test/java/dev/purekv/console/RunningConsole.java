package dev.purekv.console;

import dev.purekv.console.controllers.ReachedMappings;
import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.Doors;
import dev.purekv.console.grpc.GrpcDoor;
import dev.purekv.server.InferenceServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.util.FileSystemUtils;
import org.springframework.web.servlet.handler.MappedInterceptor;

/** The whole application on free ports of the loopback address, around a server in memory. */
public final class RunningConsole implements AutoCloseable {
    public final FakeServer server = new FakeServer();
    private final ConfigurableApplicationContext context;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Path state;

    private RunningConsole(List<String> settings) {
        state = freshFolder();
        settings.add(0, "--purekv.state-directory=" + stateDirectory());
        ApplicationContextInitializer<GenericApplicationContext> fake = context -> {
            context.registerBean(InferenceServer.class, () -> server);
            context.registerBean(MappedInterceptor.class, ReachedMappings::interceptor);
        };
        context = new SpringApplicationBuilder(ConsoleApplication.class)
                .initializers(fake)
                .run(settings.toArray(String[]::new));
    }

    /** @param settings {@code key=value}; they win over the free ports that are set otherwise */
    public static RunningConsole start(String... settings) {
        List<String> all = new ArrayList<>();
        for (String door : List.of("http", "grpc", "metrics", "console")) {
            all.add("--purekv." + door + ".port=0");
        }
        all.add("--purekv.model-repository=src/test/java");
        for (String setting : settings) {
            String key = setting.substring(0, setting.indexOf('='));
            all.removeIf(other -> other.startsWith("--" + key + "="));
            all.add("--" + setting);
        }
        return new RunningConsole(all);
    }

    public int port(Door door) {
        return context.getBean(Doors.class).port(door);
    }

    public Path stateDirectory() {
        return state.resolve("state");
    }

    public int grpcPort() {
        return context.getBean(GrpcDoor.class).port();
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public HttpResponse<String> get(Door door, String path) {
        return send(request(door, path));
    }

    public HttpResponse<String> post(String path, String body) {
        return send(request(Door.KSERVE, path).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public HttpRequest.Builder request(Door door, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(door) + path))
                .timeout(Duration.ofSeconds(30));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    public <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) {
        try {
            return client.send(request.build(), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        context.close();
        server.close();
        FileSystemUtils.deleteRecursively(state.toFile());
    }

    private static Path freshFolder() {
        try {
            return Files.createTempDirectory("purekv-console");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
