package dev.purekv.tensor;

import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Scopes for native memory: what is made inside is freed at the end, and only the result lives on. */
public final class Native {
    private Native() {}

    /**
     * Runs a computation in its own native scope; only its result outlives it, in the caller's scope.
     *
     * @throws IllegalStateException when the caller has no scope, for the result would then never be freed
     */
    public static Tensor scoped(Supplier<Tensor> body) {
        PointerScope outer = PointerScope.getInnerScope();
        if (outer == null) {
            throw new IllegalStateException(
                    "scoped() was called outside a PointerScope: nothing would free its result");
        }
        try (PointerScope inner = new PointerScope()) {
            // An own handle: the body may return a view into a tuple, which dies with the inner scope.
            Tensor result = new Tensor(body.get());
            outer.attach(result);
            return result;
        }
    }
}
