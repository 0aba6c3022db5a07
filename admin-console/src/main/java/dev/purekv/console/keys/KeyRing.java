package dev.purekv.console.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;

/** Makes, lists and revokes keys in a file of them. A running server sees changes at once. */
final class KeyRing {
    private final Path path;
    private final KeyFile file;

    KeyRing(Path path) {
        this.path = path;
        this.file = new KeyFile(path);
    }

    /**
     * @param requestsPerMinute null for the server's setting, 0 for no limit
     * @return the key, which nobody can see again
     * @throws IllegalArgumentException for a name that is none or is taken, and for scopes that are none
     */
    String create(String name, Set<Scope> scopes, Integer requestsPerMinute) throws IOException {
        String key = ApiKey.random();
        ApiKey made = new ApiKey(
                name, ApiKey.hash(key), scopes, Instant.now().truncatedTo(ChronoUnit.SECONDS), requestsPerMinute);
        file.change(keys -> {
            if (keys.stream().anyMatch(each -> each.name().equals(name))) {
                throw new IllegalArgumentException("a key '" + name + "' is there already: revoke it first");
            }
            keys.add(made);
            return keys;
        });
        return key;
    }

    /** @return none where there is no file yet */
    List<ApiKey> all() throws IOException {
        return Files.exists(path) ? file.read() : List.of();
    }

    /** @throws IllegalArgumentException where there is no such key */
    void revoke(String name) throws IOException {
        file.change(keys -> {
            List<ApiKey> left =
                    keys.stream().filter(key -> !key.name().equals(name)).toList();
            if (left.size() == keys.size()) {
                throw new IllegalArgumentException("there is no key '" + name + "'");
            }
            return left;
        });
    }
}
