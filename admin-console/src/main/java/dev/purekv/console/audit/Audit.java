package dev.purekv.console.audit;

import dev.purekv.console.store.Moments;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/** The audit log. It can be added to and read, nothing else. */
@Component
public final class Audit {
    private final JdbcClient database;
    private final Clock clock;

    Audit(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Notes what the person of this thread's request did. */
    public void done(String action, String subject, String detail) {
        write(actor(), action, subject, "done", detail);
    }

    /** Notes what the person of this thread's request was refused, or what failed. */
    public void refused(String action, String subject, String detail) {
        write(actor(), action, subject, "refused", detail);
    }

    /** Notes what somebody did who is not, or not yet, logged in, or whose request is over. */
    public void doneBy(String actor, String action, String subject, String detail) {
        write(actor, action, subject, "done", detail);
    }

    /** As {@link #doneBy}, for what was refused or failed. */
    public void refusedTo(String actor, String action, String subject, String detail) {
        write(actor, action, subject, "refused", detail);
    }

    /** @return the newest first */
    List<AuditEntry> find(AuditFilter filter, int limit) {
        return database.sql("""
                        select * from audit
                        where (:actor = '' or lower(actor) = lower(:actor))
                          and (:action = '' or action = :action)
                          and (:subject = '' or lower(subject) like :subjectPart escape '!')
                          and happened_at >= :since and happened_at < :until
                        order by id desc limit :limit
                        """)
                .param("actor", filter.actor())
                .param("action", filter.action())
                .param("subject", filter.subject())
                .param("subjectPart", filter.subjectPattern())
                .param("since", Moments.column(filter.since()))
                .param("until", Moments.column(filter.until()))
                .param("limit", limit)
                .query((row, number) -> new AuditEntry(
                        row.getLong("id"),
                        Moments.read(row, "happened_at"),
                        row.getString("actor"),
                        row.getString("address"),
                        row.getString("action"),
                        row.getString("subject"),
                        row.getString("outcome"),
                        row.getString("detail")))
                .list();
    }

    /** @return every action that was ever noted, for a choice */
    List<String> actions() {
        return database.sql("select distinct action from audit order by action")
                .query(String.class)
                .list();
    }

    private void write(String actor, String action, String subject, String outcome, String detail) {
        Instant now = clock.instant();
        database.sql("""
                        insert into audit (happened_at, actor, address, action, subject, outcome, detail)
                        values (:now, :actor, :address, :action, :subject, :outcome, :detail)
                        """)
                .param("now", Moments.column(now))
                .param("actor", cut(actor, 128))
                .param("address", address())
                .param("action", action)
                .param("subject", cut(subject, 256))
                .param("outcome", outcome)
                .param("detail", cut(detail, 4000))
                .update();
    }

    private static String actor() {
        Authentication person = SecurityContextHolder.getContext().getAuthentication();
        return person == null ? "" : person.getName();
    }

    private static String address() {
        return RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes request
                ? request.getRequest().getRemoteAddr()
                : "";
    }

    /** What does not fit is cut; PostgreSQL takes no NUL in text. */
    private static String cut(String text, int longest) {
        String clean = text.replace("\0", "");
        return clean.length() <= longest ? clean : clean.substring(0, longest - 3) + "...";
    }
}
