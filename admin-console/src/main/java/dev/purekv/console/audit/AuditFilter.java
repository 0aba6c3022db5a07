package dev.purekv.console.audit;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/**
 * Which entries to show; an empty text stands for all.
 *
 * @param subject a part of it
 * @param since the first moment
 * @param until the moment after the last
 */
record AuditFilter(String actor, String action, String subject, Instant since, Instant until) {
    private static final Instant BEGINNING = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("3000-01-01T00:00:00Z");

    /** @param firstDay,lastDay as a browser's date field sends them, in UTC; anything else stands for no limit */
    static AuditFilter of(String actor, String action, String subject, String firstDay, String lastDay) {
        LocalDate last = day(lastDay);
        LocalDate first = day(firstDay);
        return new AuditFilter(
                actor.strip(),
                action.strip(),
                subject.strip(),
                first == null ? BEGINNING : start(first),
                last == null ? END : start(last.plusDays(1)));
    }

    /** @return for SQL's like, with {@code !} before what is meant literally */
    String subjectPattern() {
        return "%" + subject.toLowerCase(Locale.ROOT).replaceAll("([!%_])", "!$1") + "%";
    }

    private static Instant start(LocalDate day) {
        return day.atStartOfDay().toInstant(ZoneOffset.UTC);
    }

    private static LocalDate day(String text) {
        try {
            LocalDate day = text.isBlank() ? null : LocalDate.parse(text.strip());
            return day == null || day.getYear() < 2000 || day.getYear() > 2999 ? null : day;
        } catch (DateTimeParseException noLimit) {
            return null;
        }
    }
}
