package dev.purekv.console.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts between quotes, as protobuf's text format escapes them. Escapes beyond ASCII are left as they are: no setting has any. */
final class ConfigQuotes {
    private static final Pattern ESCAPE = Pattern.compile("\\\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)");
    private static final String LETTERS = "abfnrtv";
    private static final String MEANT = "\u0007\b\f\n\r\t\u000b";

    private ConfigQuotes() {}

    /** @param quoted with its quotes */
    static String undo(String quoted) {
        return ESCAPE.matcher(quoted.substring(1, quoted.length() - 1))
                .replaceAll(found -> Matcher.quoteReplacement(meaning(found.group(1))));
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char each : text.toCharArray()) {
            if (each == '"' || each == '\\') {
                quoted.append('\\').append(each);
            } else if (each < ' ') {
                quoted.append(String.format(java.util.Locale.ROOT, "\\%03o", (int) each));
            } else {
                quoted.append(each);
            }
        }
        return quoted.append('"').toString();
    }

    private static String meaning(String escape) {
        char first = escape.charAt(0);
        if (first == 'x' && escape.length() > 1) {
            return Character.toString(Integer.parseInt(escape.substring(1), 16));
        }
        if (Character.digit(first, 8) >= 0) {
            return Character.toString(Integer.parseInt(escape, 8));
        }
        int letter = LETTERS.indexOf(first);
        return letter < 0 ? escape : MEANT.substring(letter, letter + 1);
    }
}
