package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static dev.purekv.triton.ServerApi.text;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_ServerOptionsSetLogFile;

import dev.purekv.server.ServerException;
import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Where Triton's log goes, of which a process has one, before the first server as after the last. A file takes the place of the
 * standard error, both never get the same line; each line goes whole to the one or to the other, and is in the file when the call
 * that wrote it is over.
 *
 * <p>Reference: tritonserver.h, TRITONSERVER_ServerOptionsSetLogFile; common/src/logging.cc, r24.10. Seen: LogOutputTest.
 */
public final class LogOutput {
    private LogOutput() {}

    /**
     * @param file made where there is none, else what is there stays
     * @throws ServerException when it cannot be opened; the log then goes where it went
     * @throws IllegalStateException when a native library is missing, naming the package to install
     */
    public static void file(Path file) {
        to(file.toAbsolutePath().toString());
    }

    public static void standardError() {
        to("");
    }

    private static void to(String name) {
        NativeLibraries.load();
        try (PointerScope scope = new PointerScope();
                BytePointer path = text(name)) {
            check(TRITONSERVER_ServerOptionsSetLogFile(null, path));
        }
    }
}
