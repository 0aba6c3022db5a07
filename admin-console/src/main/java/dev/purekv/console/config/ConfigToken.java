package dev.purekv.console.config;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A piece of a config.pbtxt.
 *
 * @param kind {@code "} for a text with its quotes, {@code a} for a word or number, else the mark itself
 * @param start of it in the file, in characters
 * @param end after it
 */
record ConfigToken(char kind, String text, int start, int end) {
    private static final Pattern FORM = Pattern.compile(
            "(?<space>(?:\\s|#[^\\n]*)+)"
                    + "|(?<text>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*')|(?<word>[\\w.+-]+)|(?<mark>[{}<>\\[\\]:,;])");

    /** @throws ServingException INVALID_REQUEST naming the line that cannot be read */
    static List<ConfigToken> all(String file) {
        List<ConfigToken> tokens = new ArrayList<>();
        Matcher matcher = FORM.matcher(file);
        int at = 0;
        while (at < file.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw ServingException.invalid(
                        "config.pbtxt: line %d cannot be read: expected a name, a value or a bracket",
                        file.substring(0, at).lines().count());
            }
            at = matcher.end();
            if (matcher.group("space") == null) {
                char kind = matcher.group("text") != null
                        ? '"'
                        : matcher.group("word") != null ? 'a' : matcher.group().charAt(0);
                tokens.add(new ConfigToken(kind, matcher.group(), matcher.start(), at));
            }
        }
        return List.copyOf(tokens);
    }
}
