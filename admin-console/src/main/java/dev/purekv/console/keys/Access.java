package dev.purekv.console.keys;

import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.settings.SettingsException;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Lets requests in, or not: what every door asks before it does anything. Without a file of keys all are let in. */
@Component
public final class Access {
    private static final String BEARER = "bearer ";
    private static final int LONGEST_KEY = 512;

    private final Keys keys;
    private final int requestsPerMinute;
    private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();

    Access(PureKvSettings settings) {
        this.keys = settings.keysFile() == null ? null : open(settings.keysFile());
        this.requestsPerMinute = settings.requestsPerMinute();
    }

    /** How often one key may still come. */
    private record Allowance(int requestsPerMinute, Bucket bucket) {}

    private static Keys open(Path file) {
        try {
            return new Keys(file);
        } catch (IOException e) {
            throw new SettingsException(
                    "purekv.keys-file=" + file + ": expected a file of keys: " + e,
                    "Create it with its first key: java -jar admin-console.jar keys create NAME --file " + file
                            + " --scopes inference,metadata");
        }
    }

    /**
     * @param authorization the header {@code Authorization}, or null
     * @throws KeyRefused where the request may not go on
     */
    public void admit(Scope scope, String authorization) {
        ApiKey key = find(scope, authorization);
        if (key != null) {
            count(key);
        }
    }

    /**
     * Whether what was let in may go on: as {@link #admit}, without counting.
     *
     * @throws KeyRefused where it may not
     */
    void check(Scope scope, String authorization) {
        find(scope, authorization);
    }

    /** @return who it is that was let in */
    public Program program(String authorization) {
        if (keys == null) {
            return new Program("");
        }
        ApiKey key = keys.find(ApiKey.digest(bearer(authorization)));
        return new Program(key == null ? "revoked" : key.name());
    }

    /** @return null where none is asked for */
    private ApiKey find(Scope scope, String authorization) {
        if (keys == null || scope == Scope.HEALTH) {
            return null;
        }
        ApiKey key = keys.find(ApiKey.digest(bearer(authorization)));
        if (key == null) {
            throw KeyRefused.because(KeyRefused.Reason.UNKNOWN, "the API key is not known, or was revoked");
        }
        if (!key.scopes().contains(scope)) {
            throw KeyRefused.because(
                    KeyRefused.Reason.SCOPE,
                    "the API key '" + key.name() + "' is not good for this: it needs the scope " + scope.word());
        }
        return key;
    }

    private static String bearer(String authorization) {
        String header = authorization == null ? "" : authorization.strip();
        if (header.length() <= BEARER.length()
                || header.length() > LONGEST_KEY
                || !header.substring(0, BEARER.length())
                        .toLowerCase(Locale.ROOT)
                        .equals(BEARER)) {
            throw KeyRefused.because(
                    KeyRefused.Reason.UNKNOWN, "an API key is needed: send the header Authorization: Bearer <key>");
        }
        return header.substring(BEARER.length()).strip();
    }

    private void count(ApiKey key) {
        int limit = key.requestsPerMinute() == null ? requestsPerMinute : key.requestsPerMinute();
        if (limit == 0) {
            return;
        }
        // A key that was made anew with another limit begins anew.
        Allowance allowance = allowances.compute(
                key.name(),
                (name, known) -> known != null && known.requestsPerMinute() == limit ? known : allowance(limit));
        ConsumptionProbe probe = allowance.bucket().tryConsumeAndReturnRemaining(1);
        if (!probe.isConsumed()) {
            long seconds = Math.max(1, (probe.getNanosToWaitForRefill() + 999_999_999) / 1_000_000_000);
            throw KeyRefused.tooOften(
                    "the API key '" + key.name() + "' may come " + limit + " times a minute; try again in " + seconds
                            + " s",
                    Duration.ofSeconds(seconds));
        }
    }

    private static Allowance allowance(int limit) {
        return new Allowance(
                limit,
                Bucket.builder()
                        .addLimit(bandwidth -> bandwidth.capacity(limit).refillGreedy(limit, Duration.ofMinutes(1)))
                        .withNanosecondPrecision() // by System.nanoTime: a clock that goes back would stop the refill
                        .build());
    }
}
