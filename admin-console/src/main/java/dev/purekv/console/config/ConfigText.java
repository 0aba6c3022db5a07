package dev.purekv.console.config;

import dev.purekv.ServingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A config.pbtxt as it is, and as it would be with other parameters. All that is not a changed parameter stays, comments too. */
public record ConfigText(String text) {
    /** @return tells one state of the file from another */
    public String hash() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * @return values by name; the last where a name stands twice
     * @throws ServingException INVALID_REQUEST for a file that cannot be read
     */
    public Map<String, String> parameters() {
        Map<String, String> values = new TreeMap<>();
        ConfigReader.parameters(text).forEach(each -> values.put(each.name(), each.value()));
        return values;
    }

    /**
     * @param changes new values by name; null takes the parameter out
     * @throws ServingException INVALID_REQUEST for a file that cannot be read, or whose parameters have no text to change
     */
    public ConfigText with(Map<String, String> changes) {
        List<ConfigParameter> present = ConfigReader.parameters(text);
        StringBuilder changed = new StringBuilder(text);
        List<Replacement> replacements = new ArrayList<>();
        StringBuilder added = new StringBuilder();
        new TreeMap<>(changes).forEach((name, value) -> {
            List<ConfigParameter> same =
                    present.stream().filter(each -> each.name().equals(name)).toList();
            if (value == null) {
                same.forEach(each -> replacements.add(removal(each)));
            } else if (same.isEmpty()) {
                added.append("parameters { key: ")
                        .append(ConfigQuotes.quote(name))
                        .append(" value { string_value: ")
                        .append(ConfigQuotes.quote(value))
                        .append(" } }\n");
            } else {
                replacements.add(value(same.get(same.size() - 1), value));
            }
        });
        replacements.stream()
                .sorted(Comparator.comparing(Replacement::start).reversed())
                .forEach(each -> changed.replace(each.start(), each.end(), each.with()));
        if (!added.isEmpty() && changed.length() > 0 && changed.charAt(changed.length() - 1) != '\n') {
            changed.append('\n');
        }
        ConfigText result = new ConfigText(changed.append(added).toString());
        requireOnly(changes, result);
        return result;
    }

    /** A stretch of the file and what comes in its place. */
    private record Replacement(int start, int end, String with) {}

    private static Replacement value(ConfigParameter parameter, String value) {
        if (parameter.valueStart() < 0) {
            throw ServingException.invalid(
                    "config.pbtxt: parameter '%s' has no string_value to change: write one", parameter.name());
        }
        return new Replacement(parameter.valueStart(), parameter.valueEnd(), ConfigQuotes.quote(value));
    }

    /** With its whole line, where nothing else stands on it. */
    private Replacement removal(ConfigParameter parameter) {
        int start = text.lastIndexOf('\n', parameter.start() - 1) + 1;
        int end = text.indexOf('\n', parameter.end());
        end = end < 0 ? text.length() : end + 1;
        boolean alone = text.substring(start, parameter.start()).isBlank()
                && text.substring(parameter.end(), end).isBlank();
        return alone ? new Replacement(start, end, "") : new Replacement(parameter.start(), parameter.end(), "");
    }

    /** Reads the result once more: what was asked for, and nothing else, must have happened. */
    private void requireOnly(Map<String, String> changes, ConfigText result) {
        Map<String, String> wanted = new TreeMap<>(parameters());
        changes.forEach((name, value) -> {
            if (value == null) {
                wanted.remove(name);
            } else {
                wanted.put(name, value);
            }
        });
        if (!result.parameters().equals(wanted)) {
            throw ServingException.invalid(
                    "config.pbtxt: its parameters are written in a way that cannot be changed here: edit the file by hand");
        }
    }
}
