package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.store.Moments;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What is and was wanted of the groups, in the store. */
@Component
final class WantedStates {
    private static final int LONGEST_REASON = 500;
    private static final int LONGEST_SETTINGS = 20_000;

    private final JdbcClient database;
    private final JsonMapper json;
    private final Clock clock;
    private final TransactionTemplate together;

    WantedStates(JdbcClient database, JsonMapper json, Clock clock, TransactionTemplate together) {
        this.together = together;
        this.database = database;
        this.json = json;
        this.clock = clock;
    }

    /** @return those that hold, of every group */
    List<WantedState> holding() {
        return database.sql("select * from wanted_state where ended_at is null order by group_name, model, id")
                .query(this::state)
                .list();
    }

    Optional<WantedState> holding(String group, String model) {
        return holding().stream()
                .filter(each -> each.group().equals(group) && each.model().equals(model))
                .reduce((older, newer) -> newer);
    }

    /** @return all of a group, the newest first */
    List<WantedState> history(String group) {
        return database.sql("select * from wanted_state where group_name = :group order by id desc limit 200")
                .param("group", group)
                .query(this::state)
                .list();
    }

    /** Makes a state the one that holds; the one before ends. */
    WantedState want(String group, String model, Map<String, String> settings, String actor, String reason) {
        String text = json.writeValueAsString(settings);
        if (text.length() > LONGEST_SETTINGS) {
            throw ServingException.invalid("settings of %s: more than %d characters", model, LONGEST_SETTINGS);
        }
        return together.execute(unused -> {
            withdraw(group, model, actor);
            return add(group, model, text, actor, reason);
        });
    }

    private WantedState add(String group, String model, String text, String actor, String reason) {
        KeyHolder key = new GeneratedKeyHolder();
        database.sql("""
                        insert into wanted_state (group_name, model, settings, actor, reason, made_at)
                        values (:group, :model, :settings, :actor, :reason, :now)
                        """)
                .param("group", group)
                .param("model", model)
                .param("settings", text)
                .param("actor", actor)
                .param("reason", cut(reason.replace("\0", "")))
                .param("now", Moments.column(clock.instant()))
                .update(key, "id");
        return database.sql("select * from wanted_state where id = :id")
                .param("id", key.getKeyAs(Long.class))
                .query(this::state)
                .single();
    }

    /** @return whether there was one */
    boolean withdraw(String group, String model, String actor) {
        return database.sql("""
                        update wanted_state set ended_at = :now, ended_by = :actor
                        where group_name = :group and model = :model and ended_at is null
                        """)
                        .param("now", Moments.column(clock.instant()))
                        .param("actor", actor)
                        .param("group", group)
                        .param("model", model)
                        .update()
                > 0;
    }

    private WantedState state(ResultSet row, int number) throws SQLException {
        return new WantedState(
                row.getLong("id"),
                row.getString("group_name"),
                row.getString("model"),
                json.readValue(row.getString("settings"), new TypeReference<Map<String, String>>() {}),
                row.getString("actor"),
                row.getString("reason"),
                Moments.read(row, "made_at"),
                Moments.read(row, "ended_at"),
                row.getString("ended_by"));
    }

    private static String cut(String reason) {
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON - 3) + "...";
    }
}
