package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a busy machine each of these rounds could end the process, without the wait. */
class FreshModelsTest {
    @TempDir
    private Path repository;

    @Test
    void remembersLoadsOfTheLastMomentOnly() {
        AtomicLong now = new AtomicLong();
        FreshModels fresh = new FreshModels(now::get);
        for (int i = 0; i < 5000; i++) {
            fresh.loaded("no-such-model-" + i);
            now.addAndGet(1_000_000);
        }
        assertThat(fresh.remembered()).isEqualTo(300);
    }

    @Test
    void modelsThatGoAsSoonAsTheyComeLeaveTheServerAlive() throws IOException {
        Path version = Files.createDirectories(repository.resolve("counting/1"));
        Files.writeString(version.resolve("config.json"), "{}");
        for (int round = 0; round < 4; round++) {
            Files.writeString(repository.resolve("counting/config.pbtxt"), "backend: \"purekv\"");
            EmbeddedServer server = EmbeddedServer.start(
                    EmbeddedServerOptions.of(repository), (checkpoint, settings) -> CountingModel.load());
            Files.writeString(
                    repository.resolve("counting/config.pbtxt"),
                    "backend: \"purekv\" parameters { key: \"max_sequence_tokens\" value { string_value: \"9\" } }");
            server.load("counting", Map.of());
            assertThat(server.modelReady("counting", "")).isTrue();
            server.close();
        }
    }
}
