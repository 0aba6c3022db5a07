package dev.purekv.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fuzz in its short form. */
class FuzzIT {
    @TempDir
    Path folder;

    @Test
    void noRequestBreaksTheServerOrStaysInIt() throws Exception {
        Fuzz.Result result = Fuzz.run(folder, 7, 0, 2000, false);
        assertThat(result.report().problems()).as(result.report().toString()).isEmpty();
        assertThat(result.report().ended("http: 200")).isGreaterThan(50);
        assertThat(result.report().ended("http: 400")).isGreaterThan(200);
        assertThat(result.report().ended("grpc: OK")).isGreaterThan(50);
        assertThat(result.report().ended("grpc: INVALID_ARGUMENT")).isGreaterThan(50);
        assertThat(result.after().threads()).isLessThanOrEqualTo(result.before().threads() + 12);
        assertThat(result.after().residentBytes() - result.before().residentBytes())
                .as("bytes by which the process grew; the allocator takes its time to have enough")
                .isLessThan(300_000_000);
        assertThat(result.heapBytes()).as("heap in use").isLessThan(200_000_000);
    }
}
