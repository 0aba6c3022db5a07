package dev.purekv.console.people;

import dev.purekv.console.store.Moments;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The people in the store. Names differ by more than capitals. */
@Component
public class People {
    /** Wrong passwords in a row that lock an account, and for how long. */
    static final int FAILURES = 5;

    static final Duration LOCK = Duration.ofMinutes(15);

    private final JdbcClient database;
    private final PasswordEncoder encoder;
    private final Clock clock;

    People(JdbcClient database, PasswordEncoder encoder, Clock clock) {
        this.database = database;
        this.encoder = encoder;
        this.clock = clock;
    }

    public Optional<Person> find(String name) {
        return database.sql("select * from person where lower(name) = lower(:name)")
                .param("name", name.replace("\0", ""))
                .query(this::person)
                .optional();
    }

    List<Person> all() {
        return database.sql("select * from person order by name")
                .query(this::person)
                .list();
    }

    /**
     * @param password which the person has to change at once
     * @return false where there is somebody of this name
     */
    boolean add(String name, String password, Role role) {
        if (find(name).isPresent()) {
            return false;
        }
        try {
            database.sql("""
                            insert into person (name, password_hash, role, must_change, enabled, failures, stamp, created_at)
                            values (:name, :hash, :role, true, true, 0, :stamp, :now)
                            """)
                    .param("name", name)
                    .param("hash", encoder.encode(password))
                    .param("role", role.word())
                    .param("stamp", stamp())
                    .param("now", Moments.column(clock.instant()))
                    .update();
            return true;
        } catch (DuplicateKeyException meanwhile) {
            return false;
        }
    }

    /** Sets a password, unlocks, and ends all sessions. */
    void changePassword(String name, String password, boolean mustChange) {
        database.sql("""
                        update person set password_hash = :hash, must_change = :mustChange, failures = 0, locked_until = null,
                          stamp = :stamp where name = :name
                        """)
                .param("hash", encoder.encode(password))
                .param("mustChange", mustChange)
                .param("stamp", stamp())
                .param("name", name)
                .update();
    }

    /**
     * Changes what a person may do, and ends all sessions.
     *
     * @return false, and nothing changes, where no administrator would be left who can log in
     */
    @Transactional
    public boolean change(String name, Role role, boolean enabled) {
        // Locks the rows, so that two administrators cannot take the role from each other at once.
        List<String> administrators = database.sql(
                        "select name from person where role = 'admin' and enabled = true for update")
                .query(String.class)
                .list();
        boolean stays = role == Role.ADMIN && enabled;
        if (!stays && administrators.equals(List.of(name))) {
            return false;
        }
        database.sql("update person set role = :role, enabled = :enabled, stamp = :stamp where name = :name")
                .param("role", role.word())
                .param("enabled", enabled)
                .param("stamp", stamp())
                .param("name", name)
                .update();
        return true;
    }

    /**
     * Counts a wrong password.
     *
     * @return true when it was the one that locks the account
     */
    public boolean failed(String name) {
        Instant now = clock.instant();
        int locked = database.sql("""
                        update person set
                          failures = case when failures + 1 >= :most then 0 else failures + 1 end,
                          locked_until = case when failures + 1 >= :most then cast(:until as timestamp with time zone)
                            else locked_until end
                        where lower(name) = lower(:name)
                        """)
                .param("most", FAILURES)
                .param("until", Moments.column(now.plus(LOCK)))
                .param("name", name.replace("\0", ""))
                .update();
        return locked == 1 && find(name).filter(Person::locked).isPresent();
    }

    public void succeeded(String name) {
        database.sql("update person set failures = 0, locked_until = null where name = :name")
                .param("name", name)
                .update();
    }

    private Person person(ResultSet row, int number) throws SQLException {
        Instant lockedUntil = Moments.read(row, "locked_until");
        Instant now = clock.instant();
        return new Person(
                row.getString("name"),
                row.getString("password_hash"),
                Role.of(row.getString("role")),
                row.getBoolean("must_change"),
                row.getBoolean("enabled"),
                lockedUntil,
                row.getString("stamp"),
                Moments.read(row, "created_at"),
                // A lock that ends later than one from now would is from before the clock went back: it would last too
                // long.
                lockedUntil != null && lockedUntil.isAfter(now) && !lockedUntil.isAfter(now.plus(LOCK)));
    }

    private static String stamp() {
        return UUID.randomUUID().toString();
    }
}
