package dev.purekv.console.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;

class LockTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void lastsItsTimeAndNoLongerAlthoughTheClockGoesBack() {
        try (RunningConsole console = RunningConsole.start()) {
            at(console, Duration.ZERO).add("ann", "a password of hers", Role.VIEWER);
            for (int i = 0; i < People.FAILURES; i++) {
                at(console, Duration.ZERO).failed("ann");
            }
            assertThat(locked(console, Duration.ZERO)).isTrue();
            assertThat(locked(console, Duration.ofMinutes(14))).isTrue();
            assertThat(locked(console, Duration.ofMinutes(16))).isFalse();
            assertThat(locked(console, Duration.ofDays(-1))).isFalse();
        }
    }

    private static boolean locked(RunningConsole console, Duration later) {
        return at(console, later).find("ann").orElseThrow().locked();
    }

    private static People at(RunningConsole console, Duration later) {
        return new People(
                console.bean(JdbcClient.class),
                console.bean(PasswordEncoder.class),
                Clock.fixed(NOON.plus(later), ZoneOffset.UTC));
    }
}
