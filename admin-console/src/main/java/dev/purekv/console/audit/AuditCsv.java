package dev.purekv.console.audit;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The audit log as CSV (RFC 4180). */
final class AuditCsv {
    private static final String HEAD = "id,happened_at,actor,address,action,subject,outcome,detail\r\n";

    private AuditCsv() {}

    static String of(List<AuditEntry> entries) {
        return HEAD + entries.stream().map(AuditCsv::line).collect(Collectors.joining());
    }

    private static String line(AuditEntry entry) {
        return Stream.of(
                        Long.toString(entry.id()),
                        entry.happenedAt().toString(),
                        entry.actor(),
                        entry.address(),
                        entry.action(),
                        entry.subject(),
                        entry.outcome(),
                        entry.detail())
                .map(AuditCsv::field)
                .collect(Collectors.joining(",", "", "\r\n"));
    }

    /** Spreadsheets run what begins like a formula, and names are typed by strangers: a quote before it makes it text. */
    private static String field(String text) {
        String safe = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
