package dev.purekv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.tensor.LibTorch;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives each test a native scope, and fails it when native objects outlive that scope. */
public final class NoNativeLeak implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(NoNativeLeak.class);

    private record Baseline(PointerScope scope, long pointers) {}

    @Override
    public void beforeEach(ExtensionContext context) {
        LibTorch.start();
        long pointers = Pointer.totalCount();
        context.getStore(SPACE).put("baseline", new Baseline(new PointerScope(), pointers));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Baseline baseline = context.getStore(SPACE).remove("baseline", Baseline.class);
        baseline.scope().close();
        assertThat(Pointer.totalCount())
                .as("native objects alive after the test")
                .isEqualTo(baseline.pointers());
    }
}
