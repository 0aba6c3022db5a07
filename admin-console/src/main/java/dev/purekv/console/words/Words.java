package dev.purekv.console.words;

import java.util.Locale;

/** Numbers with their units, short. */
public final class Words {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Words() {}

    /** @return such as {@code 1.5 MiB}; units are powers of 1024 */
    public static String bytes(double bytes) {
        int unit = 0;
        double left = bytes;
        while (left >= 1024 && unit < UNITS.length - 1) {
            left /= 1024;
            unit++;
        }
        return decimal(left) + " " + UNITS[unit];
    }

    /** @return with one digit behind the point below 10, where it says something */
    public static String decimal(double number) {
        String text = String.format(Locale.ROOT, number < 10 ? "%.1f" : "%.0f", number);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
