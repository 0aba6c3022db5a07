package dev.purekv.triton;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Escapes in texts of a config.pbtxt: C's, by bytes of UTF-8, and Unicode's. */
final class ConfigEscapes {
    private static final Pattern ESCAPE =
            Pattern.compile("\\\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))");
    private static final String LETTERS = "abfnrtv";
    private static final String MEANT = "\u0007\b\f\n\r\t\u000b";

    private ConfigEscapes() {}

    static String undo(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Matcher escape = ESCAPE.matcher(text);
        int at = 0;
        while (escape.find()) {
            bytes.writeBytes(utf8(text.substring(at, escape.start())));
            at = escape.end();
            if (escape.group(1) != null) {
                bytes.write(Integer.parseInt(escape.group(1), 8));
            } else if (escape.group(2) != null) {
                bytes.write(Integer.parseInt(escape.group(2), 16));
            } else if (escape.group(5) != null) {
                int letter = LETTERS.indexOf(escape.group(5));
                bytes.writeBytes(utf8(letter < 0 ? escape.group(5) : MEANT.substring(letter, letter + 1)));
            } else {
                String digits = escape.group(3) != null ? escape.group(3) : escape.group(4);
                int point = (int) Long.parseLong(digits, 16);
                bytes.writeBytes(utf8(Character.isValidCodePoint(point) ? Character.toString(point) : "\ufffd"));
            }
        }
        bytes.writeBytes(utf8(text.substring(at)));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
