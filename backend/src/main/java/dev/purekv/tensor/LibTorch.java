package dev.purekv.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * Starts LibTorch once a process: the BLAS it runs on, its threads, and JavaCPP's memory limits.
 *
 * <p>JavaCPP reads its settings from system properties when its classes are first loaded, so {@link #start} must run before
 * any other native class; whatever the operator set on the command line stays.
 */
public final class LibTorch {
    private LibTorch() {}

    /** Safe to call again: later calls find everything done. */
    public static void start() {
        Settings.apply();
        Unpacked.check();
        spinShortly();
        Loader.load(torch.class);
        torch.set_num_threads(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Threads that wait for work look for it for some 0.1 ms, about as long as from one operation to the next, and then sleep (decision
     * 0031). libgomp reads this once, when it is loaded.
     */
    private static void spinShortly() {
        boolean chosen = System.getenv("OMP_WAIT_POLICY") != null;
        ProcessEnvironment.setIfAbsent("OMP_WAIT_POLICY", "active");
        if (!chosen) {
            ProcessEnvironment.setIfAbsent("GOMP_SPINCOUNT", "10000");
        }
    }

    /** Its initializer runs once, and whoever else starts LibTorch meanwhile waits for it: a process may hold the lock once. */
    private static final class Unpacked {
        static {
            UnpackedLibraries.discardBroken();
        }

        static void check() {}
    }

    /** Apart from {@link LibTorch}, so that nothing native is touched before the properties stand. */
    private static final class Settings {
        static void apply() {
            // MKL runs fused attention 3x and matrix-vector products 2x as fast as OpenBLAS (decision 0003).
            setIfAbsent("org.bytedeco.openblas.load", "mkl");
            // Scopes free memory here. JavaCPP's own ceiling (4 x heap) counts mapped weights and would throw.
            setIfAbsent("org.bytedeco.javacpp.maxBytes", "0");
            setIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
            // The tokenizer library must not look for downloads.
            setIfAbsent("ai.djl.offline", "true");
        }

        private static void setIfAbsent(String name, String value) {
            if (System.getProperty(name) == null) {
                System.setProperty(name, value);
            }
        }
    }
}
