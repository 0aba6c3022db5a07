package dev.purekv.settings;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A count of bytes as people write it: {@code 2147483648}, {@code 2GB}, {@code 512 MiB}. Units are powers of 1024, as in Spring's DataSize. */
final class ByteCount {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*(?:([KMGT])I?B|B)?");

    private ByteCount() {}

    /** @return empty when the text is no count of bytes, or one that does not fit a long */
    static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text.strip().toUpperCase(Locale.ROOT));
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        int power = form.group(2) == null ? 0 : "KMGT".indexOf(form.group(2)) + 1;
        try {
            return OptionalLong.of(Math.multiplyExact(Long.parseLong(form.group(1)), 1L << 10 * power));
        } catch (ArithmeticException tooLarge) {
            return OptionalLong.empty();
        }
    }
}
