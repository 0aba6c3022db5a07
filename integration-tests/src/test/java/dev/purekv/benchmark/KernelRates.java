package dev.purekv.benchmark;

import dev.purekv.attention.FusedAttention;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * How fast this machine runs the two kernels that a dense prefill is made of.
 *
 * @param linear operations a second of the MLP's matrix products, 512 tokens at a time
 * @param attention operations a second of dense, causal, fused attention over a whole prompt
 */
record KernelRates(double linear, double attention) {
    private static final int ROWS = 512;

    static KernelRates measure(Shape shape, int tokens) {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            Tensor x = torch.randn(ROWS, shape.hidden());
            Tensor wide = torch.randn(shape.intermediate(), shape.hidden()).t();
            double linear = fastest(() -> x.mm(wide));
            Tensor q = torch.randn(tokens, shape.heads(), shape.width());
            Tensor k = torch.randn(shape.groups(), tokens, shape.width());
            Tensor v = torch.randn(shape.groups(), tokens, shape.width());
            double attention = fastest(() -> new FusedAttention().causal(q, k, v));
            return new KernelRates(
                    2.0 * ROWS * shape.hidden() * shape.intermediate() / linear,
                    shape.attention(Shape.causalPairs(tokens)) / attention);
        }
    }

    private static double fastest(Runnable kernel) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long start = System.nanoTime();
            try (PointerScope scope = new PointerScope()) {
                kernel.run();
            }
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }
}
