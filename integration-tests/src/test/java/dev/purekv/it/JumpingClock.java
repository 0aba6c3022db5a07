package dev.purekv.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The wall clock of one container, which a test sets; this machine's own stays right. {@code integration-tests/src/test/native/jumping_clock.cc}
 * describes how.
 */
final class JumpingClock {
    private static final String INSIDE = "/opt/clock";
    private static final String LIBRARY = "libjumping_clock.so";
    private static final String FILE = "wrong_by";

    private final Path folder;
    private Duration wrongBy = Duration.ZERO;

    private JumpingClock(Path folder) {
        this.folder = folder;
    }

    /** @param folder for its two files; its owner alone may change them */
    static JumpingClock in(Path folder) throws IOException, InterruptedException {
        Process compiler = new ProcessBuilder(
                        "g++",
                        "-std=c++17",
                        "-O1",
                        "-shared",
                        "-fPIC",
                        "integration-tests/src/test/native/jumping_clock.cc",
                        "-o",
                        folder.resolve(LIBRARY).toString())
                .inheritIO()
                .start();
        if (compiler.waitFor() != 0) {
            throw new IllegalStateException("the clock does not compile");
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        JumpingClock clock = new JumpingClock(folder);
        clock.jump(Duration.ZERO);
        return clock;
    }

    /** Makes it the clock of a container that has not started. */
    ServerContainer of(ServerContainer container) {
        return container
                .withReadOnly(folder, INSIDE)
                .withEnv(Map.of("LD_PRELOAD", INSIDE + "/" + LIBRARY, "JUMPING_CLOCK", INSIDE + "/" + FILE));
    }

    /** @param by forwards, or back where it is negative */
    void jump(Duration by) throws IOException {
        wrongBy = wrongBy.plus(by);
        byte[] seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(wrongBy.toSeconds())
                .array();
        // The same file, and never an empty one: it is mapped. Eight bytes are written at once.
        try (SeekableByteChannel file =
                Files.newByteChannel(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(seconds));
        }
    }

    Instant now() {
        return Instant.now().plus(wrongBy);
    }
}
