package dev.purekv.console.remote;

import java.time.Instant;

/**
 * A Triton server that an administrator registered.
 *
 * @param key of its interface; empty for none, null where the console can no longer read it
 * @param group whose wanted states it follows
 */
record Endpoint(String name, Address address, String key, String group, String addedBy, Instant addedAt) {
    public boolean hasKey() {
        return key == null || !key.isEmpty();
    }

    /** Without the key, which must come into no log. */
    @Override
    public String toString() {
        return name + " at " + address.text();
    }
}
