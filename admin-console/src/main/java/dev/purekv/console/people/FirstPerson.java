package dev.purekv.console.people;

import java.util.List;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * Makes the first administrator and prints a password that is good for choosing another. While nobody has done so, each start
 * prints a new one: a lost line locks nobody out.
 */
@Component
final class FirstPerson implements InitializingBean {
    private static final String NAME = "admin";

    private final People people;

    FirstPerson(People people) {
        this.people = people;
    }

    @Override
    public void afterPropertiesSet() {
        List<Person> all = people.all();
        boolean waits =
                all.size() == 1 && all.get(0).name().equals(NAME) && all.get(0).mustChange();
        if (!all.isEmpty() && !waits) {
            return;
        }
        String password = Passwords.random();
        if (all.isEmpty()) {
            people.add(NAME, password, Role.ADMIN);
        } else {
            people.changePassword(NAME, password, true);
        }
        // Not through the logger: a log file would keep it.
        System.out.println(
                "Console login: user " + NAME + ", password " + password + " (once: it must be changed then)");
    }
}
