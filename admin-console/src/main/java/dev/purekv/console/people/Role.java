package dev.purekv.console.people;

import java.util.Locale;

/** What a person may do; each role may do what those before it may. */
public enum Role {
    /** Looks at everything but people, keys and the audit log. */
    VIEWER,
    /** Loads, unloads, tunes and asks models. */
    OPERATOR,
    /** Manages people and keys, and reads the audit log. */
    ADMIN;

    /** As it is stored, shown and sent by forms. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** As Spring Security wants it. */
    public String authority() {
        return "ROLE_" + name();
    }

    /**
     * @return the role of this word
     * @throws IllegalArgumentException for any other
     */
    public static Role of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
