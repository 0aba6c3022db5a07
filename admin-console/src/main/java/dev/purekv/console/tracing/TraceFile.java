package dev.purekv.console.tracing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The files that traces go to. Each is a complete JSON list after every trace; one that is there when the first trace of a
 * run comes is replaced.
 *
 * <p>Differs from Triton, which keeps traces in memory and writes them when it stops, or when a file is full. Used by one
 * thread.
 */
final class TraceFile implements AutoCloseable {
    private final Path path;
    private Open single;
    private Open numbered;
    private int next;

    TraceFile(Path path) {
        this.path = path;
    }

    /** @param position of the closing bracket */
    private static final class Open {
        private final FileChannel channel;
        private long position;
        private long traces;

        Open(Path path) throws IOException {
            channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        }

        void add(String trace) throws IOException {
            byte[] text = ((traces == 0 ? "[" : ",") + trace + "]").getBytes(StandardCharsets.UTF_8);
            ByteBuffer bytes = ByteBuffer.wrap(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes, position + bytes.position());
            }
            position += text.length - 1;
            traces++;
        }
    }

    /** @param fileTraces how many go to {@code FILE.0}, {@code FILE.1}, ...; 0 for all to {@code FILE} */
    void add(String trace, long fileTraces) throws IOException {
        if (fileTraces == 0) {
            if (single == null) {
                single = new Open(path);
            }
            single.add(trace);
            return;
        }
        if (numbered == null) {
            numbered = new Open(path.resolveSibling(path.getFileName() + "." + next++));
        }
        numbered.add(trace);
        if (numbered.traces >= fileTraces) {
            numbered.channel.close();
            numbered = null;
        }
    }

    @Override
    public void close() throws IOException {
        for (Open each : new Open[] {single, numbered}) {
            if (each != null) {
                each.channel.close();
            }
        }
    }
}
