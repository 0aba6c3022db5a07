package dev.purekv.text;

import dev.purekv.ServingException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;

/** The functions that transformers adds to Jinja. Public because the interpreter calls them by name. */
public final class TemplateFunctions {
    private TemplateFunctions() {}

    /** {@code raise_exception(message)}: the template refuses the conversation. */
    public static String raise(String message) {
        throw ServingException.invalid(
                "applying the chat template: the template refuses the conversation: %s", message);
    }

    /** {@code strftime_now(format)}, with the directives that templates use; others stay as they are. */
    public static String now(String format) {
        return format(LocalDateTime.now(), format);
    }

    static String format(LocalDateTime time, String format) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c == '%' && i + 1 < format.length()) {
                out.append(directive(time, format.charAt(++i)));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String directive(LocalDateTime time, char directive) {
        return switch (directive) {
            case 'Y' -> pattern(time, "yyyy");
            case 'y' -> pattern(time, "yy");
            case 'm' -> pattern(time, "MM");
            case 'd' -> pattern(time, "dd");
            case 'H' -> pattern(time, "HH");
            case 'I' -> pattern(time, "hh");
            case 'M' -> pattern(time, "mm");
            case 'S' -> pattern(time, "ss");
            case 'j' -> pattern(time, "DDD");
            case 'p' -> pattern(time, "a");
            case 'b' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.US);
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.US);
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.US);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
            case '%' -> "%";
            default -> "%" + directive;
        };
    }

    private static String pattern(LocalDateTime time, String pattern) {
        return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
    }
}
