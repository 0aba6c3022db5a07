package dev.purekv.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ResidentGrowth;
import dev.purekv.ServingException;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoNativeLeak.class)
class CheckpointRegistryTest {
    private static final Path SOURCE = Path.of("..", "model-repository", "moving-digits", "1");
    private static final ModelSettings PLAIN = ModelSettings.read(Map.of());
    private static final ModelSettings SHORT = ModelSettings.read(Map.of("max_sequence_tokens", "100"));

    @TempDir
    private Path checkpoint;

    private final AtomicInteger opened = new AtomicInteger();
    private final CheckpointRegistry registry = new CheckpointRegistry(this::open);

    private SharedCheckpoint open(Path directory, ComputeDevice device) {
        opened.incrementAndGet();
        return ModelFamily.share(directory, device);
    }

    @BeforeEach
    void copyTheCheckpoint() throws IOException {
        try (Stream<Path> files = Files.list(SOURCE)) {
            for (Path file : files.toList()) {
                Files.copy(file, checkpoint.resolve(file.getFileName()));
            }
        }
    }

    private static float firstLogit(LoadedModel loaded) {
        try (PointerScope scope = new PointerScope();
                Sequence sequence = loaded.model().begin(new ModelPrompt(new int[] {1, 2, 3}, List.of()), 1)) {
            return sequence.prefill(() -> {}).data_ptr_float().get();
        }
    }

    @Test
    void modelsOfOneCheckpointShareItUnderTheirOwnSettings() {
        try (LoadedModel first = registry.open(checkpoint, PLAIN);
                LoadedModel second = registry.open(checkpoint, SHORT)) {
            assertThat(opened).hasValue(1);
            assertThat(first.model().maxTokens()).isEqualTo(32768);
            assertThat(second.model().maxTokens()).isEqualTo(100);
            assertThat(firstLogit(first)).isEqualTo(firstLogit(second));
        }
    }

    @Test
    void aModelOutlivesTheOneThatOpenedItsCheckpoint() {
        LoadedModel first = registry.open(checkpoint, PLAIN);
        float expected = firstLogit(first);
        try (LoadedModel second = registry.open(checkpoint, SHORT)) {
            first.close();
            first.close(); // counts once
            assertThat(registry.size()).isEqualTo(1);
            assertThat(firstLogit(second)).isEqualTo(expected);
            assertThat(second.encoder()
                            .encodeRaw("How many digits are there?", List.of())
                            .tokens())
                    .isPositive();
        }
        assertThat(registry.size()).isZero();
    }

    @Test
    void theLastReleaseFreesTheWeights() {
        long growth = ResidentGrowth.smallest(() -> {
            for (int i = 0; i < 4; i++) {
                LoadedModel first = registry.open(checkpoint, PLAIN);
                firstLogit(first); // touches pages of the mapped weights, 4.5 MB
                LoadedModel second = registry.open(checkpoint, SHORT);
                first.close();
                second.close();
            }
        });
        assertThat(opened.get()).isGreaterThanOrEqualTo(8);
        assertThat(growth).isLessThan(2 << 20);
    }

    @Test
    void aChangedCheckpointIsAnotherOneAndTheOldOneServesOn() throws IOException {
        try (LoadedModel old = registry.open(checkpoint, PLAIN)) {
            float expected = firstLogit(old);
            Path weights = checkpoint.resolve("model.safetensors");
            byte[] bytes = Files.readAllBytes(weights);
            bytes[bytes.length - 1] ^= 1; // the same size
            Path fresh = Files.write(checkpoint.resolve("fresh"), bytes);
            Files.setLastModifiedTime(fresh, Files.getLastModifiedTime(weights)); // and the same time
            Files.move(fresh, weights, StandardCopyOption.REPLACE_EXISTING);
            try (LoadedModel changed = registry.open(checkpoint, PLAIN)) {
                assertThat(opened).hasValue(2);
                assertThat(registry.size()).isEqualTo(2);
                assertThat(changed.model().layers()).isEqualTo(old.model().layers());
            }
            assertThat(firstLogit(old)).isEqualTo(expected);
        }
    }

    @Test
    void aFileThatNothingReadsChangesNothing() throws IOException {
        try (LoadedModel first = registry.open(checkpoint, PLAIN)) {
            Files.writeString(checkpoint.resolve("README.md"), "A note.");
            try (LoadedModel second = registry.open(checkpoint, PLAIN)) {
                assertThat(opened).hasValue(1);
                assertThat(second.model().weightBytes()).isEqualTo(first.model().weightBytes());
            }
        }
    }

    @Test
    void loadsAtOnceOpenOnce() throws Exception {
        int models = 6;
        ExecutorService threads = Executors.newFixedThreadPool(models);
        CountDownLatch together = new CountDownLatch(models);
        try {
            List<Future<LoadedModel>> loads = Stream.generate(() -> threads.submit(() -> {
                        together.countDown();
                        together.await();
                        return registry.open(checkpoint, PLAIN);
                    }))
                    .limit(models)
                    .toList();
            List<LoadedModel> loaded = new ArrayList<>();
            for (Future<LoadedModel> load : loads) {
                loaded.add(load.get());
            }
            assertThat(opened).hasValue(1);
            loaded.forEach(LoadedModel::close);
        } finally {
            threads.shutdown();
        }
        assertThat(registry.size()).isZero();
    }

    @Test
    void aFailedLoadLeavesNothingAndTheNextOneTriesAgain() throws IOException {
        Path config = checkpoint.resolve("config.json");
        String sound = Files.readString(config);
        Files.writeString(config, sound.replace("\"vision_config\"", "\"vision_confg\""));
        assertThatThrownBy(() -> registry.open(checkpoint, PLAIN)).hasMessageContaining("vision_config");
        assertThat(registry.size()).isZero();
        Files.writeString(config, sound);
        registry.open(checkpoint, PLAIN).close();
    }

    @Test
    void settingsThatTheModelCannotHaveLeaveNothing() {
        CheckpointRegistry strict = new CheckpointRegistry((directory, device) -> new Strict(open(directory, device)));
        assertThatThrownBy(() -> strict.open(checkpoint, PLAIN)).hasMessage("not under these");
        assertThat(strict.size()).isZero();
    }

    private record Strict(SharedCheckpoint real) implements SharedCheckpoint {
        @Override
        public LoadedModel under(ModelSettings settings) {
            throw ServingException.invalid("not under these");
        }

        @Override
        public void close() {
            real.close();
        }
    }

    @Test
    void aCheckpointThatChangesWhileItOpensIsRefused() {
        CheckpointRegistry meddled = new CheckpointRegistry((directory, device) -> {
            SharedCheckpoint half = ModelFamily.share(directory, device);
            try {
                Files.writeString(checkpoint.resolve("generation_config.json"), "{\"eos_token_id\": 1}");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return half;
        });
        assertThatThrownBy(() -> meddled.open(checkpoint, PLAIN))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("changed");
        assertThat(meddled.size()).isZero();
    }
}
