package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The soak: in its short form, or for as long as {@code PUREKV_SOAK} in the environment says, such as 10m. */
class SoakIT {
    private static final Duration SHORT = Duration.ofSeconds(18);

    @TempDir
    Path folder;

    @Test
    void everyRequestEndsWellAndNothingStays() throws Exception {
        String asked = System.getenv("PUREKV_SOAK");
        Soak.Result result =
                asked == null ? Soak.run(folder, 10_000, SHORT) : Soak.run(folder, Integer.MAX_VALUE, Soak.time(asked));
        System.out.println("soak: " + result);
        assertThat(result.counts().wrong).as(result.counts().toString()).isEmpty();
        assertThat(result.counts().answered.get()).isGreaterThan(50);
        assertThat(result.counts().refused.get()).isPositive();
        assertThat(result.counts().left.get()).isPositive();
        assertThat(result.counts().reloads.get()).isGreaterThan(3);
        assertThat(result.after().threads()).isLessThanOrEqualTo(result.before().threads() + 8);
        assertThat(result.grownBytes())
                .as("bytes by which the process grew; the allocator takes its time to have enough")
                .isLessThan(300_000_000);
    }
}
