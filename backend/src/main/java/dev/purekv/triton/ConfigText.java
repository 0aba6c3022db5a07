package dev.purekv.triton;

import dev.purekv.ServingException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a config.pbtxt without knowing all its fields: protobuf's text format is a tree of names with values, messages and lists. The
 * result has the form of Triton's JSON. Names and types are checked by whoever asks for a field, and all of them by Triton.
 *
 * <p>Reference: protobuf.dev, text format specification. Differs: field names in brackets (extensions) are refused.
 */
final class ConfigText {
    /** Fields that are lists also where they stand once, of those that anybody here asks for. */
    private static final Set<String> LISTS = Set.of("input", "output", "dims", "versions");

    private static final Pattern TOKEN = Pattern.compile(
            "(?:\\s|#[^\\n]*)*+"
                    + "(?:(?<text>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*')|(?<word>[\\w.+-]+)|(?<mark>[{}<>\\[\\]:,;])|(?<end>$))");

    private final String text;
    private final Matcher matcher;
    private int at;

    private ConfigText(String text) {
        this.text = text;
        this.matcher = TOKEN.matcher(text);
        next();
    }

    /**
     * @return enumerations and numbers that are not whole as texts
     * @throws ServingException INVALID_REQUEST naming line and place
     */
    static ObjectNode read(String text) {
        ConfigText reader = new ConfigText(text);
        ObjectNode message = reader.fields("");
        if (reader.matcher.group("end") == null) {
            throw reader.refusal("a field");
        }
        return message;
    }

    private void next() {
        if (!matcher.find(at) || matcher.start() != at) {
            throw refusal("a name, a value or a bracket");
        }
        at = matcher.end();
    }

    private boolean isMark(String marks) {
        String mark = matcher.group("mark");
        return mark != null && marks.contains(mark);
    }

    private boolean skip(String marks) {
        boolean found = isMark(marks);
        if (found) {
            next();
        }
        return found;
    }

    private ObjectNode fields(String close) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        while (matcher.group("word") != null) {
            String name = matcher.group("word");
            next();
            boolean colon = skip(":");
            if (skip("[")) {
                list(fields, name);
            } else if (isMark("{<") || colon) {
                add(fields, name, value());
            } else {
                throw refusal("':' or '{' after " + name);
            }
            skip(",;");
        }
        if (!close.isEmpty() && !skip(close)) {
            throw refusal("a field or '" + close + "'");
        }
        return fields;
    }

    private void list(ObjectNode fields, String name) {
        while (!isMark("]")) {
            add(fields, name, value());
            if (!skip(",") && !isMark("]")) {
                throw refusal("',' or ']'");
            }
        }
        next();
    }

    private static void add(ObjectNode fields, String name, JsonNode value) {
        if (name.equals("parameters")) { // a map: each value is an entry of it
            ObjectNode map = fields.path(name) instanceof ObjectNode earlier ? earlier : fields.putObject(name);
            map.set(value.path("key").asString(""), value.path("value"));
        } else if (fields.path(name) instanceof ArrayNode earlier) {
            earlier.add(value);
        } else if (LISTS.contains(name) || fields.has(name)) {
            JsonNode earlier = fields.get(name);
            ArrayNode list = fields.putArray(name);
            if (earlier != null) {
                list.add(earlier);
            }
            list.add(value);
        } else {
            fields.set(name, value);
        }
    }

    private JsonNode value() {
        if (isMark("{<")) {
            String close = isMark("{") ? "}" : ">";
            next();
            return fields(close);
        }
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (matcher.group("text") != null) {
            return nodes.stringNode(texts());
        }
        String word = matcher.group("word");
        if (word == null) {
            throw refusal("a value");
        }
        next();
        if (word.matches("-?\\d{1,18}")) {
            return nodes.numberNode(Long.parseLong(word));
        }
        return word.equals("true") || word.equals("false")
                ? nodes.booleanNode(Boolean.parseBoolean(word))
                : nodes.stringNode(word);
    }

    /** Texts that stand side by side are one. */
    private String texts() {
        StringBuilder all = new StringBuilder();
        for (String each = matcher.group("text"); each != null; each = matcher.group("text")) {
            all.append(ConfigEscapes.undo(each.substring(1, each.length() - 1)));
            next();
        }
        return all.toString();
    }

    private ServingException refusal(String expected) {
        int start = at >= text.length() ? text.length() : at;
        String before = text.substring(0, start);
        long line = before.chars().filter(each -> each == '\n').count() + 1;
        return ServingException.invalid(
                "config.pbtxt: line %d: expected %s near \"%s\"",
                line,
                expected,
                text.substring(Math.max(before.lastIndexOf('\n') + 1, start - 40), start)
                        .strip());
    }
}
