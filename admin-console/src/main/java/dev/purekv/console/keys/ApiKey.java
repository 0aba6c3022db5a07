package dev.purekv.console.keys;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;

/**
 * A key as the file holds it: everything but the key.
 *
 * @param name the operator's, unique
 * @param sha256 of the key, 64 hexadecimal digits
 * @param requestsPerMinute null for the server's setting, 0 for no limit
 */
record ApiKey(
        String name,
        String sha256,
        Set<Scope> scopes,
        Instant created,
        @JsonProperty("requests_per_minute") Integer requestsPerMinute) {
    private static final String PREFIX = "purekv-";
    private static final int RANDOM_BYTES = 32;

    ApiKey {
        if (name == null || !name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "the name of a key has 1 to 64 letters, digits, '.', '_' or '-', got '" + name + "'");
        }
        if (sha256 == null || !sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("key '" + name + "': sha256 must have 64 hexadecimal digits");
        }
        if (scopes == null || scopes.isEmpty() || scopes.contains(Scope.HEALTH)) {
            throw new IllegalArgumentException(
                    "key '" + name + "': expected one or more of the scopes metadata, inference, repository");
        }
        if (requestsPerMinute != null && requestsPerMinute < 0) {
            throw new IllegalArgumentException("key '" + name + "': requests_per_minute must be 0 (no limit) or more");
        }
        scopes = Set.copyOf(scopes);
    }

    /** @return a new key, which nobody can see again */
    static String random() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    static String hash(String key) {
        return HexFormat.of().formatHex(digest(key));
    }

    /** @param digest of a key that came with a request; compared in a time that does not tell how much of it is right */
    boolean matches(byte[] digest) {
        return MessageDigest.isEqual(HexFormat.of().parseHex(sha256), digest);
    }

    static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
