package dev.purekv.attention;

import dev.purekv.ServingException;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/**
 * LibTorch's fused attention for CPUs together with its log-sum-exp, which {@code scaled_dot_product_attention} throws away.
 *
 * <p>The operator has no Java method, so it is called by name through the dispatcher: 40 microseconds a call in all, and
 * nothing stays behind. All queries are of one key/value head; its keys are shared by a view of stride zero.
 */
public final class FusedPart {
    private static final String OPERATOR = "aten::_scaled_dot_product_flash_attention_for_cpu";

    private FusedPart() {}

    /**
     * Every query sees every key.
     *
     * @param q (B, R, T, D): R query heads share one key/value head
     * @param k (B, S, D)
     * @param v (B, S, D)
     * @return leading dimensions (B, R, T)
     */
    public static Partial all(Tensor q, Tensor k, Tensor v) {
        return call(q, k, v, false, new IValue());
    }

    /**
     * Query i sees keys 0 to i.
     *
     * @param q (B, R, T, D)
     * @param k (B, T, D)
     * @param v (B, T, D)
     * @return leading dimensions (B, R, T)
     */
    public static Partial causal(Tensor q, Tensor k, Tensor v) {
        return call(q, k, v, true, new IValue());
    }

    /**
     * @param q (B, R, T, D)
     * @param k (B, S, D)
     * @param v (B, S, D)
     * @param mask (T, S), added to the scores; each row has a key that is not at minus infinity
     * @return leading dimensions (B, R, T)
     */
    public static Partial masked(Tensor q, Tensor k, Tensor v, Tensor mask) {
        return call(q, k, v, false, new IValue(mask));
    }

    private static Partial call(Tensor q, Tensor k, Tensor v, boolean causal, IValue mask) {
        if (!q.is_cpu()) {
            throw ServingException.unsupported(
                    "sparse attention: expected a model on the CPU, got one on %s; set sparse_attention_layer to off",
                    q.device().str().getString());
        }
        IValueVector stack = new IValueVector();
        stack.push_back(new IValue(q));
        stack.push_back(new IValue(shared(k, q.size(1))));
        stack.push_back(new IValue(shared(v, q.size(1))));
        stack.push_back(new IValue(0.0)); // dropout
        stack.push_back(new IValue(causal));
        stack.push_back(mask);
        stack.push_back(new IValue()); // scale: none, so 1 / sqrt(D)
        OperatorHandle operator = Dispatcher.singleton().findSchemaOrThrow(OPERATOR, "");
        operator.callBoxed(stack);
        return new Partial(stack.get(0).toTensor(), stack.get(1).toTensor());
    }

    private static Tensor shared(Tensor k, long heads) {
        return k.unsqueeze(1).expand(k.size(0), heads, k.size(1), k.size(2)); // (B, R, S, D)
    }
}
