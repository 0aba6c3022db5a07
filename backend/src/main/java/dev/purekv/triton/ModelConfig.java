package dev.purekv.triton;

import dev.purekv.ServingException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A model's configuration (model_config.proto, as JSON): its parameters, and the tensors that we complete it with. */
final class ModelConfig {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectNode root;

    private ModelConfig(ObjectNode root) {
        this.root = root;
    }

    static ModelConfig parse(byte[] json) {
        return new ModelConfig((ObjectNode) JSON.readTree(json));
    }

    /**
     * @param json a configuration that comes with a load
     * @throws ServingException INVALID_REQUEST for anything but a JSON object
     */
    static ModelConfig parseOverride(String json) {
        try {
            if (JSON.readTree(json) instanceof ObjectNode root) {
                return new ModelConfig(root);
            }
        } catch (JacksonException e) {
            throw ServingException.invalid("load parameter 'config' is not sound JSON: %s", e.getOriginalMessage());
        }
        throw ServingException.invalid("load parameter 'config' must be a JSON object: a model's whole configuration");
    }

    /** @throws ServingException INVALID_REQUEST when a config.pbtxt is not in protobuf's text format */
    static ModelConfig parseText(String text) {
        return new ModelConfig(ConfigText.read(text));
    }

    boolean isOurs() {
        return root.path("backend").asString("").equals("purekv");
    }

    /**
     * The versions that Triton will load, by {@code version_policy}: the latest one where it says nothing.
     *
     * @param folder of the model
     */
    List<Long> versions(Path folder) {
        return VersionChoice.of(root.path("version_policy"), folder);
    }

    byte[] json() {
        return JSON.writeValueAsBytes(root);
    }

    /** Values are always text: the proto has nothing else. */
    Map<String, String> parameters() {
        Map<String, String> values = new HashMap<>();
        root.path("parameters")
                .properties()
                .forEach(each -> values.put(
                        each.getKey(), each.getValue().path("string_value").asString("")));
        return values;
    }

    /**
     * Adds the tensors that are not written out, and answers many responses a request.
     *
     * @throws ServingException INVALID_REQUEST for a tensor that this backend does not have, or has with another type
     */
    ModelConfig completed() {
        ObjectNode copy = root.deepCopy();
        if (copy.path("max_batch_size").asInt(0) > 0) {
            throw ServingException.invalid(
                    "config.pbtxt: max_batch_size must be 0, got %d: the engine batches by itself",
                    copy.path("max_batch_size").asInt());
        }
        complete(copy, "input", Tensors.INPUTS);
        complete(copy, "output", Tensors.OUTPUTS);
        copy.putObject("model_transaction_policy").put("decoupled", true);
        return new ModelConfig(copy);
    }

    /** @throws ServingException INVALID_REQUEST when a configuration that may not be completed lacks something */
    void requireComplete() {
        if (!root.path("model_transaction_policy").path("decoupled").asBoolean(false)) {
            throw ServingException.invalid(
                    "config.pbtxt: model_transaction_policy { decoupled: true } is missing, and auto-completion is switched off");
        }
        completed();
    }

    private static void complete(ObjectNode config, String kind, List<Tensors.Declared> known) {
        ArrayNode list = config.path(kind) instanceof ArrayNode given ? given : config.putArray(kind);
        Set<String> present = new HashSet<>();
        for (JsonNode tensor : list) {
            present.add(checked(kind, tensor, known));
        }
        for (Tensors.Declared tensor : known) {
            if (!present.contains(tensor.name())) {
                ObjectNode added = list.addObject()
                        .put("name", tensor.name())
                        .put("data_type", tensor.type().configName());
                added.putArray("dims").add(tensor.dims());
                if (tensor.optional()) {
                    added.put("optional", true);
                }
            }
        }
    }

    private static String checked(String kind, JsonNode tensor, List<Tensors.Declared> known) {
        String name = tensor.path("name").asString("");
        String type = tensor.path("data_type").asString("");
        for (Tensors.Declared each : known) {
            if (each.name().equals(name)) {
                if (!each.type().configName().equals(type)) {
                    throw ServingException.invalid(
                            "config.pbtxt: %s '%s' must have data_type %s, got %s",
                            kind, name, each.type().configName(), type);
                }
                return name;
            }
        }
        throw ServingException.invalid(
                "config.pbtxt: unknown %s '%s'; known are %s",
                kind, name, known.stream().map(Tensors.Declared::name).toList());
    }
}
