package dev.purekv.console.history;

import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Revision.Origin;
import dev.purekv.console.history.Revision.Outcome;
import dev.purekv.console.store.Moments;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;

/** The revisions in the store. */
@Component
class History {
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_FAILURE = 4000;

    private final JdbcClient database;
    private final Clock clock;

    History(JdbcClient database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** @return those of all models whose load has not ended */
    List<Revision> loading() {
        return database.sql("select * from revision where outcome = 'loading' order by id")
                .query(History::revision)
                .list();
    }

    /** For a revision that never came to be. */
    void forget(long id) {
        database.sql("delete from revision where id = :id").param("id", id).update();
    }

    /** @return the newest first */
    List<Revision> of(String model) {
        return database.sql("select * from revision where model = :model order by id desc limit 200")
                .param("model", model)
                .query(History::revision)
                .list();
    }

    Optional<Revision> latest(String model) {
        return database.sql("select * from revision where model = :model order by id desc limit 1")
                .param("model", model)
                .query(History::revision)
                .optional();
    }

    /** @return empty where there is none, or it is another model's */
    Optional<Revision> find(String model, long id) {
        return database.sql("select * from revision where id = :id and model = :model")
                .param("id", id)
                .param("model", model)
                .query(History::revision)
                .optional();
    }

    long add(String model, String actor, Origin origin, String reason, ConfigText before, ConfigText after) {
        KeyHolder key = new GeneratedKeyHolder();
        boolean loading = origin == Origin.TUNED || origin == Origin.RESTORED;
        database.sql("""
                        insert into revision (model, made_at, actor, origin, reason, before_text, after_text, outcome, failure)
                        values (:model, :now, :actor, :origin, :reason, :before, :after, :outcome, '')
                        """)
                .param("model", model)
                .param("now", Moments.column(clock.instant()))
                .param("actor", actor)
                .param("origin", word(origin))
                .param("reason", cut(reason, LONGEST_REASON))
                .param("before", before.text())
                .param("after", after.text())
                .param("outcome", word(loading ? Outcome.LOADING : Outcome.UNKNOWN))
                .update(key, "id");
        return key.getKeyAs(Long.class);
    }

    void finish(long id, Outcome outcome, String failure) {
        database.sql("update revision set outcome = :outcome, failure = :failure where id = :id")
                .param("outcome", word(outcome))
                .param("failure", cut(failure, LONGEST_FAILURE))
                .param("id", id)
                .update();
    }

    private static Revision revision(ResultSet row, int number) throws SQLException {
        return new Revision(
                row.getLong("id"),
                row.getString("model"),
                Moments.read(row, "made_at"),
                row.getString("actor"),
                Origin.valueOf(row.getString("origin").toUpperCase(Locale.ROOT)),
                row.getString("reason"),
                new ConfigText(row.getString("before_text")),
                new ConfigText(row.getString("after_text")),
                Outcome.valueOf(row.getString("outcome").toUpperCase(Locale.ROOT)),
                row.getString("failure"));
    }

    private static String word(Enum<?> each) {
        return each.name().toLowerCase(Locale.ROOT);
    }

    private static String cut(String text, int longest) {
        String clean = text.replace("\0", "");
        return clean.length() <= longest ? clean : clean.substring(0, longest - 3) + "...";
    }
}
