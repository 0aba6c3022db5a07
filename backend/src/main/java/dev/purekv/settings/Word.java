package dev.purekv.settings;

import java.util.Locale;

/** A choice, written by operators and clients as its name in small letters. */
public interface Word {
    String name();

    /** As it is written in settings and responses. */
    default String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
