package dev.purekv.console.openai;

import dev.purekv.console.exchange.RequestJson;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The models of the repository that hold a conversation: those that are ready and take {@code messages}. Others, such as a
 * stage of the cache, have no place in this API.
 */
@Component
final class LanguageModels {
    private static final String CONVERSATION = "messages";

    private final InferenceServer server;
    private final JsonMapper json;
    private final long started = Instant.now().getEpochSecond();

    LanguageModels(InferenceServer server, RequestJson json) {
        this.server = server;
        this.json = json.mapper();
    }

    ObjectNode list() {
        ObjectNode answer = json.createObjectNode().put("object", "list");
        ArrayNode data = answer.putArray("data");
        for (String model : ready()) {
            if (speaks(model)) {
                data.add(described(model));
            }
        }
        return answer;
    }

    /** @throws ApiError 404 where there is none of this name, 400 where it is no language model */
    ObjectNode one(String model) {
        require(model);
        return described(model);
    }

    /** @throws ApiError 404 where there is none of this name, 400 where it is no language model */
    void require(String model) {
        boolean odd = model.isEmpty()
                || model.equals(".")
                || model.equals("..")
                || model.chars().anyMatch(c -> c < ' ' || c == '/' || c == '\\');
        if (odd || !server.modelReady(model, "")) {
            throw ApiError.noSuchModel(model);
        }
        if (!speaks(model)) {
            throw ApiError.invalid(
                    "model",
                    "The model '" + model + "' is no language model: it takes no '" + CONVERSATION
                            + "'; GET /v1/models lists those that do");
        }
    }

    private List<String> ready() {
        List<String> names = new ArrayList<>();
        for (JsonNode model : json.readTree(server.repositoryIndex(true))) {
            String name = model.path("name").asString("");
            if (!names.contains(name)) { // one entry a version
                names.add(name);
            }
        }
        return names;
    }

    private boolean speaks(String model) {
        try {
            for (JsonNode input : json.readTree(server.modelMetadata(model, "")).path("inputs")) {
                if (input.path("name").asString("").equals(CONVERSATION)) {
                    return true;
                }
            }
            return false;
        } catch (ServerException unloadedMeanwhile) {
            return false;
        }
    }

    private ObjectNode described(String model) {
        return json.createObjectNode()
                .put("id", model)
                .put("object", "model")
                .put("created", started)
                .put("owned_by", "purekv");
    }
}
