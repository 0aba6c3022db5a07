package dev.purekv.compression;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.StreamSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What other implementations keep; written by integration-tests/reference/make_compression_goldens.py. */
@ExtendWith(NoNativeLeak.class)
class GoldenChoicesTest {
    private static final int HEADS = 4;
    private static final int GROUPS = 2;
    private static final int WIDTH = 8;

    private static JsonNode goldens() {
        try (InputStream file = GoldenChoicesTest.class.getResourceAsStream("/golden/compression/choices.json")) {
            return JsonMapper.shared().readTree(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void snapKvKeepsWhatKvpressKeeps() {
        for (JsonNode golden : goldens().path("cases")) {
            int window = golden.path("window").asInt();
            assertThat(kept(golden, new SnapKv(window), window)).containsExactly(longs(golden.path("snapkv")));
        }
    }

    @Test
    void heavyHittersKeepWhatTheOriginalFormulaKeeps() {
        for (JsonNode golden : goldens().path("cases")) {
            int tokens = golden.path("tokens").asInt();
            assertThat(kept(golden, new HeavyHitters(), tokens)).containsExactly(longs(golden.path("h2o")));
        }
    }

    @Test
    void pyramidSharesAreTheOriginalsWhereThoseAreWhole() {
        for (JsonNode golden : goldens().path("budgets")) {
            int[] shares = new PyramidBudget()
                    .share(
                            golden.path("layers").asInt(),
                            golden.path("tokens").asInt(),
                            golden.path("mean").asInt(),
                            golden.path("floor").asInt());
            assertThat(shares)
                    .containsExactly(StreamSupport.stream(golden.path("kept").spliterator(), false)
                            .mapToInt(JsonNode::asInt)
                            .toArray());
        }
    }

    /** @return (G, K), row by row */
    private static long[] kept(JsonNode golden, Scorer scorer, int observed) {
        int tokens = golden.path("tokens").asInt();
        Tensor queries = tensor(golden.path("queries"), tokens, HEADS, WIDTH);
        Tensor keys = tensor(golden.path("keys"), GROUPS, tokens, WIDTH);
        Tensor attention = ObservedAttention.received(queries.narrow(0, tokens - observed, observed), keys);
        Tensor scores = scorer.score(new ScoredLayer(0, keys, keys, attention));
        Protection protection = new Protection(0, golden.path("window").asInt());
        return Tensors.longs(protection.choose(scores, golden.path("keep").asInt()));
    }

    private static Tensor tensor(JsonNode values, long... shape) {
        float[] floats = new float[values.size()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values.get(i).asDouble();
        }
        return Tensor.create(floats, shape);
    }

    private static long[] longs(JsonNode rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .flatMap(row -> StreamSupport.stream(row.spliterator(), false))
                .mapToLong(JsonNode::asLong)
                .toArray();
    }
}
