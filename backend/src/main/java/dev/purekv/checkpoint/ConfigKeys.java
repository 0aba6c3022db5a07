package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Reads keys of a config.json whose place depends on the version that wrote it: the first of several objects that has the
 * key wins.
 */
public final class ConfigKeys {
    private final String source;
    private final List<JsonNode> objects;

    public ConfigKeys(String source, JsonNode... objects) {
        this.source = source;
        this.objects = Arrays.stream(objects).filter(JsonNode::isObject).toList();
    }

    public boolean has(String key) {
        return !find(key).isMissingNode();
    }

    public int positive(String key) {
        JsonNode node = find(key);
        if (!node.isInt() || node.asInt() < 1) {
            throw unexpected(key, "a positive whole number", node);
        }
        return node.asInt();
    }

    public int positive(String key, int absent) {
        return has(key) ? positive(key) : absent;
    }

    public int tokenId(String key) {
        JsonNode node = find(key);
        if (!node.isInt() || node.asInt() < 0) {
            throw unexpected(key, "a token id", node);
        }
        return node.asInt();
    }

    public double positiveReal(String key, double absent) {
        JsonNode node = find(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isNumber() || !(node.asDouble() > 0) || Double.isInfinite(node.asDouble())) {
            throw unexpected(key, "a positive number", node);
        }
        return node.asDouble();
    }

    public boolean flag(String key) {
        JsonNode node = find(key);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw unexpected(key, "true or false", node);
        }
        return node.asBoolean(false);
    }

    public String text(String key, String absent) {
        return find(key).asString(absent);
    }

    public List<String> texts(String key) {
        List<String> values = new ArrayList<>();
        find(key).forEach(value -> values.add(value.asString("")));
        return values;
    }

    public List<Integer> naturals(String key) {
        JsonNode node = find(key);
        List<Integer> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isInt() || value.asInt() < 0) {
                throw unexpected(key, "whole numbers", node);
            }
            values.add(value.asInt());
        }
        if (!node.isArray()) {
            throw unexpected(key, "a list of whole numbers", node);
        }
        return values;
    }

    /** @return the object under this key, or a node that is no object */
    public JsonNode object(String key) {
        return find(key);
    }

    /** States an invariant of a configuration; whoever reads the file adds its name to what this throws. */
    public static void require(boolean holds, String message, Object... arguments) {
        if (!holds) {
            throw new IllegalArgumentException(String.format(message, arguments));
        }
    }

    /** @return the first value that is neither absent nor null, or the missing node */
    private JsonNode find(String key) {
        JsonNode found = MissingNode.getInstance();
        for (JsonNode object : objects) {
            JsonNode node = object.path(key);
            if (found.isMissingNode() && !node.isNull()) {
                found = node;
            }
        }
        return found;
    }

    private ServingException unexpected(String key, String expected, JsonNode got) {
        return ServingException.invalid(
                "reading %s: %s: expected %s, got %s", source, key, expected, got.isMissingNode() ? "nothing" : got);
    }
}
