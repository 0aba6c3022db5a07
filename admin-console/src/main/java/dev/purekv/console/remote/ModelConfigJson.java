package dev.purekv.console.remote;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A model's configuration as Triton gives it, and takes it with a load (model_config.proto, as JSON). */
record ModelConfigJson(ObjectNode root) {
    static ModelConfigJson parse(JsonMapper json, String text) {
        return new ModelConfigJson(json.readTree(text) instanceof ObjectNode object ? object : json.createObjectNode());
    }

    boolean isOurs() {
        return root.path("backend").asString("").equals("purekv");
    }

    Map<String, String> parameters() {
        Map<String, String> values = new TreeMap<>();
        root.path("parameters")
                .properties()
                .forEach(each -> values.put(
                        each.getKey(), each.getValue().path("string_value").asString("")));
        return values;
    }

    /** @param changes values by name; an empty one takes its parameter out */
    ModelConfigJson with(Map<String, String> changes) {
        ObjectNode changed = root.deepCopy();
        ObjectNode parameters =
                changed.path("parameters") instanceof ObjectNode given ? given : changed.putObject("parameters");
        changes.forEach((name, value) -> {
            if (value.isEmpty()) {
                parameters.remove(name);
            } else {
                parameters.putObject(name).put("string_value", value);
            }
        });
        return new ModelConfigJson(changed);
    }
}
