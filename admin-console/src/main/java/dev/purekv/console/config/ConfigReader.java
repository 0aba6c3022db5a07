package dev.purekv.console.config;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the parameters of a config.pbtxt and where they stand. What else the file says is passed over; Triton reads it.
 *
 * <p>Reference: protobuf.dev, text format specification.
 */
final class ConfigReader {
    private static final ConfigToken END = new ConfigToken('$', "", 0, 0);

    private final List<ConfigToken> tokens;
    private final List<ConfigParameter> found = new ArrayList<>();
    private int at;

    private ConfigReader(List<ConfigToken> tokens) {
        this.tokens = tokens;
    }

    /** @throws ServingException INVALID_REQUEST where brackets or values are missing */
    static List<ConfigParameter> parameters(String file) {
        ConfigReader reader = new ConfigReader(ConfigToken.all(file));
        while (reader.now() != END) {
            reader.field();
        }
        return List.copyOf(reader.found);
    }

    private ConfigToken now() {
        return at < tokens.size() ? tokens.get(at) : END;
    }

    private boolean skip(String marks) {
        boolean fits = now() != END && marks.indexOf(now().kind()) >= 0;
        at += fits ? 1 : 0;
        return fits;
    }

    private void field() {
        ConfigToken name = now();
        require(skip("a"), "a field's name");
        skip(":");
        if (!name.text().equals("parameters")) {
            passValue();
            skip(",;");
        } else if (skip("[")) {
            while (!skip("]")) {
                int start = now().start();
                ConfigParameter parameter = entry(start);
                skip(",");
                found.add(upTo(parameter));
            }
            skip(",;");
        } else {
            ConfigParameter parameter = entry(name.start());
            skip(",;");
            found.add(upTo(parameter));
        }
    }

    /** The separator after a parameter goes with it. */
    private ConfigParameter upTo(ConfigParameter each) {
        int end = tokens.get(at - 1).end();
        return new ConfigParameter(each.name(), each.value(), each.start(), end, each.valueStart(), each.valueEnd());
    }

    private ConfigParameter entry(int start) {
        require(skip("{<"), "'{' of a parameter");
        String name = "";
        ConfigParameter value = new ConfigParameter("", "", 0, 0, -1, -1);
        while (!skip("}>")) {
            String field = now().text();
            require(skip("a"), "key or value of a parameter");
            skip(":");
            if (field.equals("key")) {
                name = texts().value();
            } else if (field.equals("value")) {
                value = value();
            } else {
                passValue();
            }
            skip(",;");
        }
        return new ConfigParameter(name, value.value(), start, 0, value.valueStart(), value.valueEnd());
    }

    private ConfigParameter value() {
        require(skip("{<"), "'{' of a parameter's value");
        ConfigParameter value = new ConfigParameter("", "", 0, 0, -1, -1);
        while (!skip("}>")) {
            String field = now().text();
            require(skip("a"), "string_value");
            skip(":");
            if (field.equals("string_value")) {
                value = texts();
            } else {
                passValue();
            }
            skip(",;");
        }
        return value;
    }

    /** Texts that stand side by side are one. */
    private ConfigParameter texts() {
        int start = now().start();
        StringBuilder text = new StringBuilder();
        require(now().kind() == '"', "a text in quotes");
        while (now().kind() == '"') {
            text.append(ConfigQuotes.undo(now().text()));
            at++;
        }
        return new ConfigParameter(
                "", text.toString(), 0, 0, start, tokens.get(at - 1).end());
    }

    private void passValue() {
        if (skip("{<[")) {
            for (int depth = 1; depth > 0; at++) {
                require(now() != END, "a closing bracket");
                depth += "{<[".indexOf(now().kind()) >= 0 ? 1 : "}>]".indexOf(now().kind()) >= 0 ? -1 : 0;
            }
            return;
        }
        require(skip("a\""), "a value");
        while (skip("\"")) {
            // texts side by side
        }
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw ServingException.invalid(
                    "config.pbtxt: expected %s, found %s",
                    expected, now() == END ? "the file's end" : "'" + now().text() + "'");
        }
    }
}
