package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.store.Moments;
import dev.purekv.console.store.Secrets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The registered Tritons, in the store. */
@Component
final class Endpoints {
    private static final String NAME = "[A-Za-z0-9._-]{1,64}";
    private static final String KEY = "[\\x21-\\x7e]{0,500}";

    private final JdbcClient database;
    private final Secrets secrets;
    private final Clock clock;

    Endpoints(JdbcClient database, Secrets secrets, Clock clock) {
        this.database = database;
        this.secrets = secrets;
        this.clock = clock;
    }

    /** @return by group and name */
    List<Endpoint> all() {
        return database.sql("select * from endpoint order by group_name, name")
                .query(this::endpoint)
                .list();
    }

    List<Endpoint> ofGroup(String group) {
        return all().stream().filter(each -> each.group().equals(group)).toList();
    }

    /** @throws ServingException NOT_FOUND */
    Endpoint one(String name) {
        return all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ServingException.notFound("no endpoint has the name '%s'", name));
    }

    /**
     * @param key empty for none
     * @param group empty for one of its own, by its name
     * @throws ServingException INVALID_REQUEST saying what would be right
     */
    void add(String name, String address, String key, String group, String actor) {
        if (!name.matches(NAME)) {
            throw ServingException.invalid("name: expected 1 to 64 letters, digits, '.', '_' or '-'");
        }
        Address parsed = checked(address, key, group);
        try {
            database.sql("""
                            insert into endpoint (name, address, sealed_key, group_name, added_by, added_at)
                            values (:name, :address, :key, :group, :actor, :now)
                            """)
                    .param("name", name)
                    .param("address", parsed.text())
                    .param("key", key.isEmpty() ? "" : secrets.seal(key, place(name, parsed)))
                    .param("group", group.isEmpty() ? name : group)
                    .param("actor", actor)
                    .param("now", Moments.column(clock.instant()))
                    .update();
        } catch (DuplicateKeyException e) {
            throw ServingException.invalid(
                    "name: there is an endpoint '%s' already; change it on its page, or take another name", name);
        }
    }

    /**
     * Changes an endpoint in place; its name stays.
     *
     * @param key empty to keep the present one, which goes to no other server than it was given for
     * @param withoutKey forgets the present one
     * @return what it is now
     * @throws ServingException NOT_FOUND, or INVALID_REQUEST saying what would be right
     */
    Endpoint change(String name, String address, String key, boolean withoutKey, String group) {
        Endpoint before = one(name);
        Address parsed = checked(address, key, group);
        String sealed;
        if (!key.isEmpty()) {
            sealed = secrets.seal(key, place(name, parsed));
        } else if (withoutKey || !before.hasKey()) {
            sealed = "";
        } else {
            sealed = secrets.seal(kept(before, parsed), place(name, parsed));
        }
        database.sql("""
                        update endpoint set address = :address, sealed_key = :key, group_name = :group where name = :name
                        """)
                .param("name", name)
                .param("address", parsed.text())
                .param("key", sealed)
                .param("group", group.isEmpty() ? name : group)
                .update();
        return one(name);
    }

    /** Whoever changes an address may not know the key: a server of theirs must not be told it. */
    private static String kept(Endpoint before, Address after) {
        if (!after.isServerOf(before.address())) {
            throw ServingException.invalid(
                    "API key: the present one was given for %s; give the key of the other server, or say that it wants none",
                    before.address().text());
        }
        if (before.key() == null) {
            throw ServingException.invalid("API key: the present one cannot be read any more; give it again");
        }
        return before.key();
    }

    private static Address checked(String address, String key, String group) {
        if (!group.isEmpty() && !group.matches(NAME)) {
            throw ServingException.invalid("group: expected 1 to 64 letters, digits, '.', '_' or '-', or nothing");
        }
        Address parsed = Address.parse(address);
        if (!key.matches(KEY)) {
            throw ServingException.invalid("API key: expected up to 500 visible characters without spaces");
        }
        if (parsed.isHere() && !key.isEmpty()) {
            throw ServingException.invalid("API key: this console's own server needs none; leave it empty");
        }
        return parsed;
    }

    void remove(String name) {
        database.sql("delete from endpoint where name = :name")
                .param("name", name)
                .update();
    }

    /** A key goes to the address that it was given for, and to no other that somebody writes into the database. */
    private static String place(String name, Address address) {
        return name + "\n" + address.text();
    }

    private Endpoint endpoint(ResultSet row, int number) throws SQLException {
        String name = row.getString("name");
        Address address = new Address(row.getString("address"));
        String sealed = row.getString("sealed_key");
        return new Endpoint(
                name,
                address,
                sealed.isEmpty()
                        ? ""
                        : secrets.open(sealed, place(name, address)).orElse(null),
                row.getString("group_name"),
                row.getString("added_by"),
                Moments.read(row, "added_at"));
    }
}
