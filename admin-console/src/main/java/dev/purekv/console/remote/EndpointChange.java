package dev.purekv.console.remote;

import java.util.StringJoiner;

/** Tells the audit log what became of an endpoint. */
final class EndpointChange {
    private EndpointChange() {}

    /** @param keyGiven whether somebody typed one, the same as before perhaps */
    static String words(Endpoint before, Endpoint after, boolean keyGiven) {
        StringJoiner words = new StringJoiner(", ");
        add(words, "address", before.address().text(), after.address().text());
        add(words, "group", before.group(), after.group());
        if (keyGiven) {
            words.add(before.hasKey() ? "another key" : "with a key from now on");
        } else if (before.hasKey() && !after.hasKey()) {
            words.add("without a key from now on");
        }
        return words.length() == 0 ? "as it was" : words.toString();
    }

    private static void add(StringJoiner words, String name, String before, String after) {
        if (!before.equals(after)) {
            words.add(name + ": " + before + " -> " + after);
        }
    }
}
