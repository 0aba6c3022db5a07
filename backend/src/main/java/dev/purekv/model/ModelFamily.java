package dev.purekv.model;

import dev.purekv.ServingException;
import dev.purekv.model.qwen25vl.Qwen25VlCheckpoint;
import dev.purekv.model.videollama2.VideoLlama2Checkpoint;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The architectures that can be served, and how each is opened. */
public enum ModelFamily {
    QWEN25_VL(List.of("Qwen2_5_VLForConditionalGeneration"), List.of("qwen2_5_vl"), Qwen25VlCheckpoint::open),
    VIDEOLLAMA2(
            List.of("Videollama2MistralForCausalLM", "Videollama2Qwen2ForCausalLM"),
            List.of("videollama2", "videollama2_mistral", "videollama2_qwen2"),
            VideoLlama2Checkpoint::open);

    private final List<String> architectures;
    private final List<String> modelTypes;
    private final CheckpointOpener opener;

    ModelFamily(List<String> architectures, List<String> modelTypes, CheckpointOpener opener) {
        this.architectures = architectures;
        this.modelTypes = modelTypes;
        this.opener = opener;
    }

    /**
     * @return the family that a checkpoint's config.json names
     * @throws ServingException NOT_FOUND without config.json, INVALID_REQUEST when it is not JSON, UNSUPPORTED for any
     *     other architecture
     */
    public static ModelFamily of(Path checkpoint) {
        Set<String> names = names(checkpoint.resolve("config.json"));
        for (ModelFamily family : values()) {
            if (family.architectures.stream().anyMatch(names::contains)
                    || family.modelTypes.stream().anyMatch(names::contains)) {
                return family;
            }
        }
        throw ServingException.unsupported(
                "opening checkpoint %s: its config.json names %s; supported architectures: %s",
                checkpoint,
                names.isEmpty() ? "no architecture" : names,
                Arrays.stream(values())
                        .flatMap(family -> family.architectures.stream())
                        .toList());
    }

    /** Opens a checkpoint of any family; a {@link CheckpointOpener}. */
    public static SharedCheckpoint share(Path checkpoint, ComputeDevice device) {
        return of(checkpoint).opener.open(checkpoint, device);
    }

    /** Opens a checkpoint of any family for one model alone; a {@link ModelOpener}. */
    public static LoadedModel open(Path checkpoint, ModelSettings settings) {
        SharedCheckpoint own = share(checkpoint, new ComputeDevice(settings.device()));
        try {
            return own.under(settings).releasedBy(own::close);
        } catch (RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /** Some releases write the architectures into {@code text_config} only, so the type of the model counts as well. */
    private static Set<String> names(Path file) {
        if (!Files.isRegularFile(file)) {
            throw ServingException.notFound("opening a checkpoint: there is no %s", file);
        }
        try {
            JsonNode root = JsonMapper.shared().readTree(file.toFile());
            Set<String> names = new LinkedHashSet<>();
            root.path("architectures").forEach(name -> names.add(name.asString("")));
            if (names.isEmpty() && root.path("model_type").isString()) {
                names.add(root.path("model_type").asString());
            }
            return names;
        } catch (JacksonException e) {
            throw ServingException.invalid("reading %s: not sound JSON: %s", file, e.getOriginalMessage());
        }
    }
}
