package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.settings.ModelSettings;
import dev.purekv.text.Message;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The demonstration model, asked many things at once that leave caches of quite different sizes. */
@ExtendWith(NoNativeLeak.class)
class DemonstrationEngineTest {
    private static final Path MODEL = Path.of("..", "model-repository", "moving-digits");
    private static final List<Map<String, Object>> CACHES = List.of(
            Map.of("kv_policy", "full"),
            Map.of("compression_ratio", 5),
            Map.of("compression_ratio", 3, "layer_budgets", "pyramid"),
            Map.of("compression_ratio", 2, "kv_policy", "snapkv"),
            Map.of("compression_ratio", 2, "kv_policy", "h2o"),
            Map.of("compression_ratio", 8, "head_scores", "per_head", "sparse_attention_layer", 5));
    private static final List<String> QUESTIONS =
            List.of("Describe the video.", "How many digits are there?", "Which digit moves left?");

    private static byte[] clip;
    private static List<List<TokenLogprob>> alone;

    private final Counts counts = new Counts();

    /** Outside the test, because what is made once in a process is no leak. */
    @BeforeAll
    static void askOneByOne() throws Exception {
        clip = Files.readAllBytes(MODEL.resolve("samples/digits-16x112-1.mp4"));
        alone = answers(1, Meters.NONE);
    }

    private static GenerationRequest question(Random random) {
        List<Message.Part> parts = new ArrayList<>();
        if (random.nextInt(4) > 0) {
            parts.add(new Message.Video(clip));
        }
        parts.add(new Message.Text(QUESTIONS.get(random.nextInt(QUESTIONS.size()))));
        List<Message> conversation = List.of(new Message("user", parts));
        return new GenerationRequest(
                (encoder, cancelled) -> encoder.encode(conversation, cancelled),
                Map.of("max_tokens", 5 + random.nextInt(30), "ignore_eos", random.nextBoolean(), "logprobs", 3),
                CACHES.get(random.nextInt(CACHES.size())),
                System.nanoTime(),
                0);
    }

    @Test
    void answersGivenTogetherAreThoseGivenOneByOne() throws Exception {
        List<List<TokenLogprob>> together = answers(6, counts);
        assertThat(counts.laterTokens.get()).isPositive();
        for (int i = 0; i < alone.size(); i++) {
            assertThat(together.get(i)).as("answer %d", i).hasSameSizeAs(alone.get(i));
            for (int token = 0; token < alone.get(i).size(); token++) {
                TokenLogprob expected = alone.get(i).get(token);
                TokenLogprob found = together.get(i).get(token);
                assertThat(found.token()).isEqualTo(expected.token());
                assertThat(found.logprob()).isCloseTo(expected.logprob(), within(1e-4));
            }
        }
        assertThat(counts.usedBytes).isZero();
    }

    /** Twice as many requests as may run at once, so that answers join and leave all the time. */
    private static List<List<TokenLogprob>> answers(int sequences, Meters meters) throws Exception {
        ModelSettings settings = ModelSettings.read(
                Map.of("max_concurrent_sequences", String.valueOf(sequences), "kv_cache_bytes", "1GB"));
        Random random = new Random(11);
        try (LoadedModel loaded = ModelFamily.open(MODEL.resolve("1"), settings)) {
            List<Tokens> heard = new ArrayList<>();
            try (Engine engine = new Engine("demonstration", loaded, settings, meters)) {
                for (int i = 0; i < 14; i++) {
                    Tokens tokens = new Tokens();
                    engine.submit(question(random), tokens);
                    heard.add(tokens);
                }
                for (Tokens each : heard) {
                    each.end.get(60, TimeUnit.SECONDS);
                }
            }
            return heard.stream().map(each -> each.tokens).toList();
        }
    }

    /** Hears the tokens of one answer. */
    private static final class Tokens implements AnswerSink {
        private final List<TokenLogprob> tokens = new ArrayList<>();
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public void started(int promptTokens) {}

        @Override
        public void piece(Piece piece) {
            tokens.addAll(piece.logprobs());
        }

        @Override
        public void finished(Piece last, Finish reason, AnswerMetrics metrics) {
            tokens.addAll(last.logprobs());
            end.complete(null);
        }

        @Override
        public void failed(ServingException problem) {
            end.completeExceptionally(problem);
        }
    }
}
