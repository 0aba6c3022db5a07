package dev.purekv.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
    @TempDir
    Path root;

    private void file(String name, String text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void thisMachineHasSome() {
        assertThat(FreeMemory.bytes()).isPositive();
    }

    @Test
    void withoutALimitTheKernelsFigureStands() throws IOException {
        file("proc/meminfo", "MemTotal:       2000 kB\nMemFree:  100 kB\nMemAvailable:   1500 kB\n");
        file("sys/fs/cgroup/memory.max", "max\n");
        assertThat(FreeMemory.bytes(root)).isEqualTo(1500 * 1024);
    }

    @Test
    void aGroupsLimitCountsWithoutTheFilesThatItWouldDrop() throws IOException {
        file("proc/meminfo", "MemAvailable:   1500 kB\n");
        file("sys/fs/cgroup/memory.max", "1000000\n");
        file("sys/fs/cgroup/memory.current", "900000\n");
        file("sys/fs/cgroup/memory.stat", "anon 5\nactive_file 7\ninactive_file 300000\n");
        assertThat(FreeMemory.bytes(root)).isEqualTo(400_000);
    }

    @Test
    void theOlderGroupsAreReadAsWellAndTheirWordForUnlimitedIsNoLimit() throws IOException {
        file("proc/meminfo", "MemAvailable:   1500 kB\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        file("sys/fs/cgroup/memory/memory.usage_in_bytes", "900000\n");
        assertThat(FreeMemory.bytes(root)).isEqualTo(1500 * 1024);
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n");
        file("sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 50000\n");
        assertThat(FreeMemory.bytes(root)).isEqualTo(150_000);
    }

    @Test
    void aMachineThatDoesNotTellHasNone() {
        assertThat(FreeMemory.bytes(root)).isZero();
    }
}
