package dev.purekv.console.people;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;

/** People who chose their passwords already. */
public final class KnownPeople {
    public static final String PASSWORD = "correct horse battery";

    private KnownPeople() {}

    /** @return somebody of this role, who is logged in */
    public static Visitor loggedIn(RunningConsole console, Role role) {
        add(console, role.word(), role);
        Visitor visitor = new Visitor(console);
        if (!visitor.login(role.word(), PASSWORD)
                .headers()
                .firstValue("Location")
                .equals(java.util.Optional.of("/"))) {
            throw new IllegalStateException("the login of " + role + " failed");
        }
        return visitor;
    }

    public static void add(RunningConsole console, String name, Role role) {
        People people = console.bean(People.class);
        people.add(name, PASSWORD, role);
        people.changePassword(name, PASSWORD, false);
    }
}
