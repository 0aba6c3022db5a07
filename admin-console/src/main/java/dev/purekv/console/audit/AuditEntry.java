package dev.purekv.console.audit;

import java.time.Instant;

/**
 * One thing that someone did, or tried.
 *
 * @param actor who; what was typed as a name where a login failed
 * @param address the client's
 * @param action one of {@link Audit}'s words, such as {@code login}
 * @param subject what it was done to: a model, a person, a key; may be empty
 * @param outcome {@code done} or {@code refused}
 * @param detail for people
 */
record AuditEntry(
        long id,
        Instant happenedAt,
        String actor,
        String address,
        String action,
        String subject,
        String outcome,
        String detail) {}
