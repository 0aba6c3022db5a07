package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client of the demonstration model that asks again as soon as it is answered, and wants an answer each time. */
final class Traffic implements AutoCloseable {
    private final AtomicBoolean enough = new AtomicBoolean();
    private final CompletableFuture<Integer> answers;

    Traffic(RunningServer server, Path clip) {
        answers = CompletableFuture.supplyAsync(() -> ask(server, clip));
    }

    /** @return how many answers there were; throws what any of them was instead */
    int end() {
        enough.set(true);
        return answers.join();
    }

    private int ask(RunningServer server, Path clip) {
        int count = 0;
        try {
            while (!enough.get()) {
                // Cut to a fifth, this short clip is not described rightly: an answer it must be all the same.
                assertThat(server.ask(clip, "Describe the video.")).startsWith("a red ");
                count++;
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return count;
    }

    @Override
    public void close() {
        enough.set(true);
    }
}
