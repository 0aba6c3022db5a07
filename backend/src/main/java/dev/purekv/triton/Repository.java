package dev.purekv.triton;

import dev.purekv.server.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** All models of a server together: loaded at its start, unloaded before its stop. */
final class Repository {
    private static final Logger LOG = LoggerFactory.getLogger(Repository.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> PRESENT = Set.of("READY", "LOADING", "UNLOADING");
    private static final Duration LOOK_EVERY = Duration.ofMillis(10);

    private final EmbeddedServer server;

    Repository(EmbeddedServer server) {
        this.server = server;
    }

    /**
     * Loads models side by side, and says of each how it went.
     *
     * @param wanted names; {@code *} alone for all of the repository that have a version folder: without one there is nothing to
     *     serve, as in a template whose weights are still to come
     * @param folder of the repository
     */
    void load(List<String> wanted, Path folder) {
        List<String> names = wanted.equals(List.of("*"))
                ? names(false).stream().filter(name -> hasVersion(folder, name)).toList()
                : wanted;
        if (names.isEmpty()) {
            LOG.warn("the model repository holds no model");
        }
        names.parallelStream().forEach(this::load);
    }

    private static boolean hasVersion(Path folder, String name) {
        try (Stream<Path> found = Files.list(folder.resolve(name))) {
            if (found.anyMatch(each -> each.getFileName().toString().matches("[1-9]\\d*") && Files.isDirectory(each))) {
                return true;
            }
            LOG.info("model={} is not loaded: it has no version folder, such as {}/1", name, name);
            return false;
        } catch (IOException e) {
            return true; // Triton knows better why it cannot be read
        }
    }

    private void load(String name) {
        try {
            LOG.info("model={} loading", name);
            server.load(name, Map.of());
        } catch (ServerException e) {
            LOG.error("model={} is not served: {}", name, e.getMessage());
        }
    }

    /** Returns when no model is left, or when this time is over. */
    void unloadAll(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        names(true).forEach(name -> server.unload(name, false));
        while (isBusy() && System.nanoTime() < deadline) {
            try {
                Thread.sleep(LOOK_EVERY.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // the stop that follows waits as well
            }
        }
    }

    /** Whether any version of this model is loaded, coming or going. */
    boolean isPresent(String name) {
        return index(false)
                .valueStream()
                .filter(model -> model.path("name").asString("").equals(name))
                .anyMatch(model -> PRESENT.contains(model.path("state").asString("")));
    }

    private boolean isBusy() {
        return index(false)
                .valueStream()
                .map(model -> model.path("state").asString(""))
                .anyMatch(state -> state.equals("READY") || state.equals("UNLOADING"));
    }

    private List<String> names(boolean readyOnly) {
        return index(readyOnly)
                .valueStream()
                .map(model -> model.path("name").asString())
                .distinct()
                .toList();
    }

    private JsonNode index(boolean readyOnly) {
        return JSON.readTree(server.repositoryIndex(readyOnly));
    }
}
