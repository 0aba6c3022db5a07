package dev.purekv.triton;

import dev.purekv.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * A picture or clip as a request carries it: base64 text, a data URI, or the file's own bytes (a binary tensor). Only a
 * file's signature tells bytes from text, for "GIF89a" is base64 as well.
 */
final class EncodedMedia {
    private EncodedMedia() {}

    /**
     * @param where for messages: the tensor or message it came from
     * @return the file's bytes
     * @throws ServingException INVALID_REQUEST for text that is neither base64 nor a data URI
     */
    static byte[] decode(byte[] given, String where) {
        if (given.length == 0) {
            throw ServingException.invalid("%s is empty: expected a file as base64, a data URI or raw bytes", where);
        }
        if (isFile(given)) {
            return given;
        }
        String text = new String(given, StandardCharsets.ISO_8859_1);
        if (text.startsWith("data:")) {
            return fromDataUri(text, where);
        }
        String scheme = text.substring(0, Math.min(8, text.length())).toLowerCase(Locale.ROOT);
        if (scheme.startsWith("http://") || scheme.startsWith("https://") || scheme.startsWith("file:")) {
            throw ServingException.unsupported(
                    "%s is a URL, which this server does not fetch: send the file itself as base64", where);
        }
        return fromBase64(text, where);
    }

    private static byte[] fromDataUri(String text, String where) {
        int comma = text.indexOf(',');
        if (comma < 0 || !text.substring(0, comma).toLowerCase(Locale.ROOT).endsWith(";base64")) {
            throw ServingException.invalid("%s: a data URI must read data:<type>;base64,<text>", where);
        }
        return fromBase64(text.substring(comma + 1), where);
    }

    private static byte[] fromBase64(String text, String where) {
        try {
            // The MIME decoder would skip whatever it does not know: hostile text must not pass as an empty file.
            byte[] bytes = Base64.getDecoder().decode(stripped(text));
            if (bytes.length == 0) {
                throw ServingException.invalid(
                        "%s is empty: expected a file as base64, a data URI or raw bytes", where);
            }
            return bytes;
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid(
                    "%s is neither base64 text, a data URI nor a file of a known kind (mp4, webm, gif, png, jpeg, webp): invalid base64, %s",
                    where, e.getMessage());
        }
    }

    /** Line breaks are common in base64 from shells. */
    private static String stripped(String text) {
        return text.indexOf('\n') < 0 && text.indexOf(' ') < 0 ? text : text.replaceAll("[\\r\\n ]", "");
    }

    private static boolean isFile(byte[] bytes) {
        return starts(bytes, 0, "GIF8")
                || starts(bytes, 1, "PNG\r\n")
                || starts(bytes, 0, "\u00ff\u00d8\u00ff")
                || starts(bytes, 0, "RIFF") && (starts(bytes, 8, "WEBP") || starts(bytes, 8, "AVI "))
                || starts(bytes, 0, "\u001a\u0045\u00df\u00a3") // Matroska, webm
                || starts(bytes, 4, "ftyp")
                || starts(bytes, 4, "moov")
                || starts(bytes, 4, "mdat");
    }

    private static boolean starts(byte[] bytes, int at, String signature) {
        if (bytes.length < at + signature.length()) {
            return false;
        }
        for (int i = 0; i < signature.length(); i++) {
            if ((bytes[at + i] & 0xff) != signature.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
