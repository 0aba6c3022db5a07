package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.ServingException;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the engine says of questions that never become a prompt. */
class EngineTest {
    private static final LoadedModel NO_MODEL =
            new LoadedModel(new Unasked(), null, null, new GenerationDefaults(Set.of(), 8, 0, 1, 0, 1));

    @Test
    void aFullHeapIsNoFaultOfTheRequestAndEndsThatRequestAlone() throws Exception {
        LibTorch.start();
        try (Engine engine = new Engine("test", NO_MODEL, ModelSettings.read(Map.of()), 1, Meters.NONE)) {
            for (int i = 0; i < 3; i++) { // more than fit at once: each must be forgotten
                ServingException problem = ask(engine, new OutOfMemoryError("Java heap space"));
                assertThat(problem.code()).isEqualTo(ServingException.Code.OUT_OF_CAPACITY);
                assertThat(problem).hasMessageContaining("-Xmx");
            }
            ServingException last = ask(engine, new StackOverflowError());
            assertThat(last.code()).isEqualTo(ServingException.Code.INTERNAL);
        }
    }

    private static ServingException ask(Engine engine, Error failure) throws Exception {
        CompletableFuture<ServingException> heard = new CompletableFuture<>();
        engine.submit(
                new GenerationRequest(
                        (encoder, cancelled) -> {
                            throw failure;
                        },
                        Map.of(),
                        Map.of()),
                new Sink(heard));
        return heard.get(10, TimeUnit.SECONDS);
    }

    private record Sink(CompletableFuture<ServingException> heard) implements AnswerSink {
        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public void started(int promptTokens) {
            throw new AssertionError("nothing can start");
        }

        @Override
        public void piece(Piece piece) {
            throw new AssertionError("nothing can be said");
        }

        @Override
        public void finished(Piece last, Finish reason, AnswerMetrics metrics) {
            throw new AssertionError("nothing can be said");
        }

        @Override
        public void failed(ServingException problem) {
            heard.complete(problem);
        }
    }

    /** A model that no prompt reaches. */
    private static final class Unasked implements VisionLanguageModel {
        @Override
        public int maxTokens() {
            return 1;
        }

        @Override
        public int layers() {
            return 1;
        }

        @Override
        public int vocabulary() {
            return 1;
        }

        @Override
        public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
            throw new AssertionError("nothing can begin");
        }

        @Override
        public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
            return 0;
        }

        @Override
        public long weightBytes() {
            return 0;
        }

        @Override
        public void close() {}
    }
}
