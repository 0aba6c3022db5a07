package dev.purekv.console.sharedmemory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SharedMemoryTest {
    private final SharedMemory memory = new SharedMemory();
    private final String key = "/purekv-test-" + UUID.randomUUID();
    private final Path object = Path.of("/dev/shm" + key);

    @BeforeEach
    void make() throws IOException {
        Files.write(object, new byte[] {0, 1, 2, 3, 4, 5, 6, 7});
    }

    @AfterEach
    void remove() throws IOException {
        memory.destroy();
        Files.deleteIfExists(object);
    }

    private static void refuses(Status status, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(ServerException.class)
                .extracting(e -> ((ServerException) e).status())
                .isEqualTo(status);
    }

    @Test
    void readsAndWritesInsideTheRegionAlone() throws IOException {
        memory.register(new Region("r", key, 2, 4));
        try (Window window = memory.open(new SharedPart("r", 1, 3))) {
            assertThat(window.read()).containsExactly(3, 4, 5);
            window.write(new byte[] {9, 8});
        }
        assertThat(Files.readAllBytes(object)).containsExactly(0, 1, 2, 9, 8, 5, 6, 7);
        refuses(Status.INVALID_ARG, () -> memory.open(new SharedPart("r", 1, 4)));
        refuses(Status.INVALID_ARG, () -> memory.open(new SharedPart("r", 5, 0)));
        refuses(Status.INVALID_ARG, () -> memory.open(new SharedPart("r", -1, 1)));
        refuses(Status.INVALID_ARG, () -> memory.open(new SharedPart("r", 1, Long.MAX_VALUE)));
        refuses(Status.NOT_FOUND, () -> memory.open(new SharedPart("other", 0, 1)));
    }

    @Test
    void aTensorThatIsTooLargeIsRefusedAndWritesNothing() throws IOException {
        memory.register(new Region("r", key, 0, 8));
        try (Window window = memory.open(new SharedPart("r", 0, 2))) {
            refuses(Status.INTERNAL, () -> window.write(new byte[3]));
        }
        assertThat(Files.readAllBytes(object)).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void regionsMustBeInsideTheirObject() {
        refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", key, 0, 9)));
        refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", key, 8, 1)));
        refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", key, -1, 1)));
        refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", key, 1, -1)));
        refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", key, Long.MAX_VALUE, Long.MAX_VALUE)));
        assertThat(memory.status("")).isEmpty();
    }

    @Test
    void keysNameAnObjectAndNothingElse() throws IOException {
        Path link = Path.of("/dev/shm/purekv-link-" + UUID.randomUUID());
        Files.createSymbolicLink(link, Path.of("/etc/hostname"));
        try {
            for (String each : new String[] {
                "",
                "/",
                "/..",
                "..",
                "/../etc/hostname",
                "/a/b",
                "/none-" + UUID.randomUUID(),
                "/" + link.getFileName(),
                "/triton_python_backend_shm_region_1",
                "/a\0b"
            }) {
                refuses(Status.INVALID_ARG, () -> memory.register(new Region("r", each, 0, 1)));
            }
        } finally {
            Files.delete(link);
        }
    }

    @Test
    void aNameIsTakenUntilItIsUnregistered() {
        memory.register(new Region("r", key, 0, 1));
        refuses(Status.ALREADY_EXISTS, () -> memory.register(new Region("r", key, 0, 1)));
        assertThat(memory.status("r")).containsExactly(new Region("r", key, 0, 1));
        memory.unregister("r");
        refuses(Status.NOT_FOUND, () -> memory.status("r"));
        memory.unregister("r");
        memory.register(new Region("r", key, 0, 2));
        memory.register(new Region("s", key, 0, 2));
        memory.unregisterAll();
        assertThat(memory.status("")).isEmpty();
    }

    @Test
    void aRegionInUseStays() {
        memory.register(new Region("r", key, 0, 1));
        Window window = memory.open(new SharedPart("r", 0, 1));
        refuses(Status.UNAVAILABLE, () -> memory.unregister("r"));
        refuses(Status.UNAVAILABLE, memory::unregisterAll);
        window.close();
        window.close();
        memory.unregister("r");
    }

    @Test
    void anObjectThatBecomesShorterIsARefusal() throws IOException {
        memory.register(new Region("r", key, 0, 8));
        Files.write(object, new byte[2]);
        try (Window window = memory.open(new SharedPart("r", 0, 8))) {
            refuses(Status.INVALID_ARG, window::read);
            refuses(Status.INVALID_ARG, () -> window.write(new byte[8]));
        }
        assertThat(Files.size(object)).isEqualTo(2);
    }
}
