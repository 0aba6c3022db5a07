package dev.purekv.triton;

import dev.purekv.server.ServerException;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Loads the models that a server starts with, side by side, and says of each how it went. */
final class StartupModels {
    private static final Logger LOG = LoggerFactory.getLogger(StartupModels.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private StartupModels() {}

    /** @param wanted names; {@code *} alone for all of the repository */
    static void load(EmbeddedServer server, List<String> wanted) {
        List<String> names = wanted.equals(List.of("*")) ? all(server) : wanted;
        if (names.isEmpty()) {
            LOG.warn("the model repository holds no model");
        }
        names.parallelStream().forEach(name -> load(server, name));
    }

    private static List<String> all(EmbeddedServer server) {
        JsonNode index = JSON.readTree(server.repositoryIndex(false));
        return index.valueStream()
                .map(model -> model.path("name").asString())
                .distinct()
                .toList();
    }

    private static void load(EmbeddedServer server, String name) {
        try {
            LOG.info("model={} loading", name);
            server.load(name, Map.of());
        } catch (ServerException e) {
            LOG.error("model={} is not served: {}", name, e.getMessage());
        }
    }
}
