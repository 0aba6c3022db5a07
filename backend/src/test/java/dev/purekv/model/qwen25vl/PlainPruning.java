package dev.purekv.model.qwen25vl;

import dev.purekv.attention.sparse.SparsePattern;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.checkpoint.Weights;
import dev.purekv.model.decoder.DecoderConfig;
import dev.purekv.model.decoder.PromptLayout;
import dev.purekv.model.decoder.VisionEncoder;
import dev.purekv.model.layer.Linear;
import dev.purekv.model.layer.RmsNorm;
import dev.purekv.model.layer.RotaryTable;
import dev.purekv.model.layer.SwiGlu;
import dev.purekv.settings.HeadScores;
import dev.purekv.settings.KvSettings;
import dev.purekv.tensor.ComputeDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Token pruning and cutting with uniform budgets by the definition, with all scores in the open: each layer is computed for
 * every token that it has, rows are dropped between two layers, and all layers are cut when everything is known.
 */
final class PlainPruning {
    private record Layer(RmsNorm norm, Linear q, Linear k, Linear v, Linear o, RmsNorm mlpNorm, SwiGlu mlp) {}

    /** What one layer holds: for each key/value head its keys and values, (n, D). */
    private record Cache(Tensor[] keys, Tensor[] values) {
        long entries() {
            return Arrays.stream(keys).mapToLong(head -> head.size(0)).sum();
        }
    }

    private final DecoderConfig config;
    private final Qwen25VlConfig model;
    private final VisionEncoder vision;
    private final Tensor embedding;
    private final List<Layer> layers = new ArrayList<>();
    private final RmsNorm norm;
    private final Linear head;
    private final MultimodalRope rope;

    PlainPruning(Qwen25VlConfig model, Weights root, VisionEncoder vision) {
        this.model = model;
        this.config = model.text();
        this.vision = vision;
        int width = config.hidden();
        int keyWidth = config.keyValueHeads() * config.headWidth();
        embedding = root.at("model").at("embed_tokens").take("weight", config.vocabulary(), width);
        for (int i = 0; i < config.layers(); i++) {
            Weights at = root.at("model").at("layers").at(i);
            Weights self = at.at("self_attn");
            layers.add(new Layer(
                    RmsNorm.load(at.at("input_layernorm"), width, config.epsilon()),
                    Linear.loadWithBias(self.at("q_proj"), width, width),
                    Linear.loadWithBias(self.at("k_proj"), width, keyWidth),
                    Linear.loadWithBias(self.at("v_proj"), width, keyWidth),
                    Linear.load(self.at("o_proj"), width, width),
                    RmsNorm.load(at.at("post_attention_layernorm"), width, config.epsilon()),
                    SwiGlu.load(at.at("mlp"), width, config.intermediate())));
        }
        norm = RmsNorm.load(root.at("model").at("norm"), width, config.epsilon());
        head = Linear.load(root.at("lm_head"), width, config.vocabulary());
        rope = new MultimodalRope(model, ComputeDevice.CPU);
    }

    /** @param entries of all layers and heads, after the prompt */
    record Result(List<Tensor> logits, long entries, int survivors) {}

    /** @return logits after the prompt and after each token of the answer */
    Result run(PromptLayout prompt, KvSettings kv, int... answer) {
        int tokens = prompt.ids().length;
        SparseReach reach = new SparseReach(
                kv.spatial(), kv.temporal(), kv.temporalWindow() == 0 ? SparseReach.ALL_SLICES : kv.temporalWindow());
        SparsePattern pattern = prompt.pattern(reach);
        RopePositions positions = RopePositions.of(prompt, model.vision());
        int[] left = IntStream.range(0, tokens).toArray();
        Tensor x = embedded(prompt);
        List<Tensor> sums = new ArrayList<>(); // of each source layer that ran, (H, N)
        List<Cache> caches = new ArrayList<>();
        List<int[]> leftOf = new ArrayList<>();
        List<Integer> sourcesOf = new ArrayList<>();
        for (int l = 0; l < layers.size(); l++) {
            Layer layer = layers.get(l);
            Tensor normed = layer.norm().apply(x);
            RotaryTable rotary = rope.table(of(positions, left));
            Tensor q = rotary.rotate(split(layer.q().apply(normed))).transpose(0, 1); // (H, n, D)
            Tensor k = rotary.rotate(split(layer.k().apply(normed))).transpose(0, 1); // (G, n, D)
            Tensor v = split(layer.v().apply(normed)).transpose(0, 1);
            boolean sparse = l >= kv.sparseAttentionLayer().orElse(Integer.MAX_VALUE);
            Tensor shares = shares(q, repeated(k), mask(left, sparse ? pattern : null)); // (H, n, n)
            if (kv.clieLayers().contains(l)) {
                int window = Math.min(kv.observationTokens(), tokens);
                sums.add(shares.narrow(1, tokens - window, window).sum(1));
            }
            x = block(layer, x, shares.matmul(repeated(v)));
            caches.add(new Cache(heads(k), heads(v)));
            leftOf.add(left);
            sourcesOf.add(Math.max(1, sums.size())); // layers below the first source wait for it
            if (l + 1 == kv.tokenPruningLayer().orElse(-1)) {
                left = survivors(prompt, kv, sums);
                x = x.index_select(0, index(left));
            }
        }
        int survivors = left.length;
        List<Tensor> logits = new ArrayList<>(List.of(logits(x.narrow(0, x.size(0) - 1, 1))));
        for (int l = 0; l < layers.size(); l++) {
            caches.set(
                    l,
                    cut(caches.get(l), leftOf.get(l), importance(sums.subList(0, sourcesOf.get(l)), kv), kv, tokens));
        }
        long entries = caches.stream().mapToLong(Cache::entries).sum();
        for (int i = 0; i < answer.length; i++) {
            logits.add(decode(answer[i], tokens + i + positions.delta(), caches));
        }
        return new Result(logits, entries, survivors);
    }

    private Tensor embedded(PromptLayout prompt) {
        Tensor x = embedding.index_select(0, index(prompt.ids()));
        for (PromptLayout.Span span : prompt.spans()) {
            vision.encode(span.visual(), x.narrow(0, span.start(), span.tokens()), () -> {});
        }
        return x;
    }

    private static RopePositions of(RopePositions all, int[] left) {
        return new RopePositions(of(all.time(), left), of(all.height(), left), of(all.width(), left), 0);
    }

    private static int[] of(int[] values, int[] at) {
        return Arrays.stream(at).map(i -> values[i]).toArray();
    }

    /** @return (H, n, n) */
    private Tensor shares(Tensor q, Tensor k, Tensor mask) {
        return q.matmul(k.transpose(1, 2))
                .div(new Scalar(Math.sqrt(config.headWidth())))
                .add(mask)
                .softmax(-1);
    }

    /** @param pattern null for dense */
    private static Tensor mask(int[] left, SparsePattern pattern) {
        float[] mask = new float[left.length * left.length];
        for (int i = 0; i < left.length; i++) {
            for (int j = 0; j < left.length; j++) {
                boolean sees = pattern == null ? j <= i : pattern.allows(left[i], left[j]);
                mask[i * left.length + j] = sees ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.create(mask, left.length, left.length);
    }

    /** @param attended (H, n, D) */
    private Tensor block(Layer layer, Tensor x, Tensor attended) {
        Tensor sum = x.add(layer.o().apply(attended.transpose(0, 1).reshape(x.size(0), config.hidden())));
        layer.mlp().addTo(sum, layer.mlpNorm().apply(sum));
        return sum;
    }

    private int[] survivors(PromptLayout prompt, KvSettings kv, List<Tensor> sums) {
        int tokens = prompt.ids().length;
        float[] scores = floats(torch.stack(new TensorVector(sums.toArray(Tensor[]::new)))
                .mean(0)
                .mean(0)); // (N)
        int last = Math.max(kv.recentTokens(), kv.observationTokens());
        IntPredicate free = i -> i >= kv.sinkTokens()
                && i < tokens - last
                && prompt.spans().stream().anyMatch(span -> i >= span.start() && i < span.end());
        long never = IntStream.range(0, tokens).filter(free.negate()).count();
        long most = Math.max(keep(kv, tokens), never);
        List<Integer> best = IntStream.range(0, tokens)
                .filter(free)
                .boxed()
                .sorted(Comparator.comparing(i -> -scores[i]))
                .limit(most - never)
                .toList();
        return IntStream.range(0, tokens)
                .filter(i -> !free.test(i) || best.contains(i))
                .toArray();
    }

    private static int keep(KvSettings kv, int tokens) {
        int keep = (int) Math.ceil(tokens / kv.compressionRatio());
        return Math.min(tokens, Math.max(keep, kv.sinkTokens() + kv.recentTokens()));
    }

    /** @return (G, N): the attention of the sources so far */
    private Tensor importance(List<Tensor> sums, KvSettings kv) {
        Tensor mean = torch.stack(new TensorVector(sums.toArray(Tensor[]::new))).mean(0); // (H, N)
        int groups = config.keyValueHeads();
        Tensor perGroup =
                mean.view(groups, config.heads() / groups, mean.size(1)).mean(1);
        return kv.headScores() == HeadScores.PER_HEAD
                ? perGroup
                : perGroup.mean(0).unsqueeze(0).expand(groups, perGroup.size(1));
    }

    private static Cache cut(Cache cache, int[] left, Tensor importance, KvSettings kv, int tokens) {
        int keep = keep(kv, tokens);
        Tensor[] keys = new Tensor[cache.keys().length];
        Tensor[] values = new Tensor[keys.length];
        for (int g = 0; g < keys.length; g++) {
            Tensor lengths = cache.values()[g].square().sum(-1).sqrt(); // (n)
            float[] scores =
                    floats(importance.select(0, g).index_select(0, index(left)).mul(lengths));
            IntPredicate free = i -> i >= kv.sinkTokens() && i < left.length - kv.recentTokens();
            int chosen = keep
                    - (int) IntStream.range(0, left.length)
                            .filter(free.negate())
                            .count();
            int[] best = IntStream.range(0, left.length)
                    .filter(free)
                    .boxed()
                    .sorted(Comparator.comparing(i -> -scores[i]))
                    .limit(chosen)
                    .mapToInt(Integer::intValue)
                    .toArray();
            int[] kept = IntStream.concat(
                            Arrays.stream(best), IntStream.range(0, left.length).filter(free.negate()))
                    .sorted()
                    .toArray();
            keys[g] = cache.keys()[g].index_select(0, index(kept));
            values[g] = cache.values()[g].index_select(0, index(kept));
        }
        return new Cache(keys, values);
    }

    private Tensor decode(int token, int position, List<Cache> caches) {
        Tensor x = embedding.index_select(0, index(new int[] {token}));
        RotaryTable rotary = rope.table(RopePositions.of(position));
        for (int l = 0; l < layers.size(); l++) {
            Layer layer = layers.get(l);
            Cache cache = caches.get(l);
            Tensor normed = layer.norm().apply(x);
            Tensor q = rotary.rotate(split(layer.q().apply(normed))).transpose(0, 1); // (H, 1, D)
            Tensor k = rotary.rotate(split(layer.k().apply(normed)));
            Tensor v = split(layer.v().apply(normed));
            Tensor[] attended = new Tensor[config.heads()];
            int group = config.heads() / config.keyValueHeads();
            for (int g = 0; g < config.keyValueHeads(); g++) {
                cache.keys()[g] = torch.cat(new TensorVector(cache.keys()[g], k.select(1, g)), 0);
                cache.values()[g] = torch.cat(new TensorVector(cache.values()[g], v.select(1, g)), 0);
            }
            for (int h = 0; h < attended.length; h++) {
                Tensor scores = q.select(0, h).matmul(cache.keys()[h / group].t());
                attended[h] = scores.div(new Scalar(Math.sqrt(config.headWidth())))
                        .softmax(-1)
                        .matmul(cache.values()[h / group]);
            }
            x = block(layer, x, torch.stack(new TensorVector(attended)));
        }
        return logits(x);
    }

    private Tensor logits(Tensor x) {
        return head.apply(norm.apply(x)).view(config.vocabulary());
    }

    private Tensor split(Tensor x) {
        return x.view(x.size(0), -1, config.headWidth());
    }

    private Tensor repeated(Tensor heads) {
        return torch.repeat_interleave(
                heads, config.heads() / config.keyValueHeads(), new LongOptional(0), new LongOptional());
    }

    private static Tensor[] heads(Tensor x) {
        return IntStream.range(0, (int) x.size(0)).mapToObj(g -> x.select(0, g)).toArray(Tensor[]::new);
    }

    private static Tensor index(int[] values) {
        return ComputeDevice.CPU.indices(values);
    }

    private static float[] floats(Tensor x) {
        float[] values = new float[(int) x.numel()];
        x.contiguous().data_ptr_float().get(values);
        return values;
    }
}
