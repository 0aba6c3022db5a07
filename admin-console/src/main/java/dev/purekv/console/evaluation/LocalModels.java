package dev.purekv.console.evaluation;

import dev.purekv.ServingException;
import dev.purekv.checkpoint.CheckpointFolder;
import dev.purekv.console.config.ConfigFiles;
import dev.purekv.server.InferenceServer;
import dev.purekv.settings.ModelSettings;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The models of the repository whose weights this machine can read. */
@Component
final class LocalModels {
    private final InferenceServer server;
    private final ConfigFiles files;
    private final JsonMapper json;

    LocalModels(InferenceServer server, ConfigFiles files, JsonMapper json) {
        this.server = server;
        this.files = files;
        this.json = json;
    }

    /** Names of those that an evaluation can open. */
    List<String> names() {
        return versions()
                .map(each -> each.path("name").asString(""))
                .distinct()
                .filter(this::readable)
                .sorted()
                .toList();
    }

    private Stream<JsonNode> versions() {
        return StreamSupport.stream(json.readTree(server.repositoryIndex(false)).spliterator(), false);
    }

    private boolean readable(String model) {
        try {
            checkpoint(model);
            return true;
        } catch (EvaluationException e) {
            return false;
        }
    }

    /** @throws EvaluationException when its configuration cannot be read */
    Map<String, String> familySettings(String model) {
        try {
            return ModelSettings.read(files.read(model).parameters()).family();
        } catch (ServingException e) {
            throw new EvaluationException("The model " + model + " cannot be evaluated: " + e.getMessage(), e);
        }
    }

    /** @throws EvaluationException when the repository has no such model, or its weights cannot be found */
    Path checkpoint(String model) {
        long version = versions()
                .filter(each -> each.path("name").asString("").equals(model))
                .map(each -> each.path("version").asString(""))
                .filter(each -> each.matches("\\d{1,9}"))
                .map(Long::valueOf)
                .max(Comparator.naturalOrder())
                .orElse(1L);
        try {
            Map<String, String> parameters = files.read(model).parameters();
            if (parameters.containsKey("stage")) {
                throw new EvaluationException("The model " + model + " is a stage without weights: choose another.");
            }
            return CheckpointFolder.find(
                    files.folder(model), version, ModelSettings.read(parameters).checkpoint());
        } catch (ServingException e) {
            throw new EvaluationException("The model " + model + " cannot be evaluated: " + e.getMessage(), e);
        }
    }
}
