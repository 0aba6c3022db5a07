package dev.purekv.console.tuning;

import dev.purekv.console.config.ConfigFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the shape of a model from its checkpoint's config.json, by Hugging Face's names: those of {@code text_config} where
 * there is one, else those of the file itself.
 */
@Component
final class ModelShapes {
    private static final int MOST_LAYERS = 1024;

    private final ConfigFiles files;
    private final JsonMapper json;

    ModelShapes(ConfigFiles files, JsonMapper json) {
        this.files = files;
        this.json = json;
    }

    /**
     * @param checkpoint the setting of this name; empty to look where the backend looks
     * @return empty for a model whose checkpoint is not here, or of another form
     */
    Optional<ModelShape> of(String model, String checkpoint) {
        try {
            for (Path folder : candidates(files.folder(model), checkpoint)) {
                Path config = folder.resolve("config.json");
                if (Files.isRegularFile(config)) {
                    return shape(json.readTree(config.toFile()));
                }
            }
        } catch (IOException | InvalidPathException | JacksonException unreadable) {
            return Optional.empty(); // the page shows fields without a picture; a load says what is wrong
        }
        return Optional.empty();
    }

    private static List<Path> candidates(Path model, String checkpoint) throws IOException {
        if (!checkpoint.isEmpty()) {
            return List.of(model.resolve(checkpoint));
        }
        try (Stream<Path> versions = Files.list(model)) {
            return Stream.concat(
                            versions.filter(each ->
                                            each.getFileName().toString().matches("\\d+"))
                                    .sorted(),
                            Stream.of(model.resolve("checkpoint")))
                    .toList();
        }
    }

    private static Optional<ModelShape> shape(JsonNode config) {
        JsonNode text = config.path("text_config").isObject() ? config.path("text_config") : config;
        int layers = text.path("num_hidden_layers").asInt(0);
        int heads = text.path("num_attention_heads").asInt(0);
        int groups = text.path("num_key_value_heads").asInt(heads);
        int width = text.path("head_dim")
                .asInt(heads == 0 ? 0 : text.path("hidden_size").asInt(0) / heads);
        boolean plausible = layers > 0 && layers <= MOST_LAYERS && groups > 0 && width > 0;
        return plausible ? Optional.of(new ModelShape(layers, groups, width)) : Optional.empty();
    }
}
