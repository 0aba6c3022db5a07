package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.settings.StageSettings;
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

    /** Whether this is the compression stage alone, not a language model. */
    boolean isStage() {
        return parameters().containsKey(StageSettings.KIND);
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
     * Completes the configuration of a model that is being loaded, or requires it to be complete where Triton says so.
     *
     * @param model Triton's handle
     * @throws ServingException INVALID_REQUEST for what this kind of model does not have, or has otherwise
     */
    void settle(long model, Signature signature) {
        if (BackendApi.modelAutoCompletes(model)) {
            BackendApi.modelSetConfig(model, completed(signature).json());
        } else {
            requireComplete(signature);
        }
    }

    /** The type of the first tensor among these that is declared, or INVALID. */
    Datatype declaredType(String kind, Set<String> names) {
        for (JsonNode tensor : root.path(kind)) {
            if (names.contains(tensor.path("name").asString(""))) {
                return Datatype.ofConfig(tensor.path("data_type").asString(""));
            }
        }
        return Datatype.INVALID;
    }

    /** How many dimensions a tensor is declared with; 0 when it is not declared. */
    int declaredRank(String kind, String name) {
        for (JsonNode tensor : root.path(kind)) {
            if (tensor.path("name").asString("").equals(name)) {
                return tensor.path("dims").size();
            }
        }
        return 0;
    }

    /** Adds the tensors that are not written out, and the number of responses a request has. */
    ModelConfig completed(Signature signature) {
        ObjectNode copy = root.deepCopy();
        if (copy.path("max_batch_size").asInt(0) > 0) {
            throw ServingException.invalid(
                    "config.pbtxt: max_batch_size must be 0, got %d: %s",
                    copy.path("max_batch_size").asInt(),
                    signature.decoupled() ? "the engine batches by itself" : "a request holds one layer");
        }
        complete(copy, "input", signature.inputs());
        complete(copy, "output", signature.outputs());
        if (signature.decoupled()) {
            copy.putObject("model_transaction_policy").put("decoupled", true);
        } else if (decoupled()) {
            throw ServingException.invalid(
                    "config.pbtxt: model_transaction_policy { decoupled: true } is not for this model, which gives one response a "
                            + "request: remove it");
        }
        return new ModelConfig(copy);
    }

    private void requireComplete(Signature signature) {
        if (signature.decoupled() && !decoupled()) {
            throw ServingException.invalid(
                    "config.pbtxt: model_transaction_policy { decoupled: true } is missing, and auto-completion is switched off");
        }
        completed(signature);
    }

    private boolean decoupled() {
        return root.path("model_transaction_policy").path("decoupled").asBoolean(false);
    }

    private static void complete(ObjectNode config, String kind, List<DeclaredTensor> known) {
        ArrayNode list = config.path(kind) instanceof ArrayNode given ? given : config.putArray(kind);
        Set<String> present = new HashSet<>();
        for (JsonNode tensor : list) {
            present.add(checked(kind, tensor, known));
        }
        for (DeclaredTensor tensor : known) {
            if (!present.contains(tensor.name())) {
                ObjectNode added = list.addObject()
                        .put("name", tensor.name())
                        .put("data_type", tensor.type().configName());
                ArrayNode dims = added.putArray("dims");
                tensor.dims().forEach(dims::add);
                if (tensor.optional()) {
                    added.put("optional", true);
                }
            }
        }
    }

    private static String checked(String kind, JsonNode tensor, List<DeclaredTensor> known) {
        String name = tensor.path("name").asString("");
        String type = tensor.path("data_type").asString("");
        for (DeclaredTensor each : known) {
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
                kind, name, known.stream().map(DeclaredTensor::name).toList());
    }
}
