package dev.purekv.triton;

import dev.purekv.tensor.LibTorch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.tritonserver.global.tritonserver;

/**
 * Loads libtritonserver and the shim into this process, in the one order that works: LibTorch (which brings CUDA where
 * it was built with it), CUDA and DCGM or their stand-ins, libtritonserver, the shim.
 */
final class NativeLibraries {
    private static final String ROOT = "/dev/purekv/natives/";
    private static final Pattern MISSING =
            Pattern.compile("(lib[\\w.+-]+\\.so[.\\d]*): cannot open shared object file");
    private static final Map<String, String> PACKAGES = Map.of(
            "libnuma.so.1", "libnuma1",
            "libcurl.so.4", "libcurl4",
            "libssl.so.3", "libssl3",
            "libcrypto.so.3", "libssl3",
            "libxml2.so.2", "libxml2",
            "libz.so.1", "zlib1g",
            "libstdc++.so.6", "libstdc++6");

    private NativeLibraries() {}

    /**
     * Safe to call again.
     *
     * @return the backend directory that Triton is given; it holds {@code purekv/libtriton_purekv.so}
     * @throws IllegalStateException naming the Debian package to install when a library is missing
     */
    static Path load() {
        LibTorch.start();
        loadRealOrStandIn("libcudart.so.12");
        loadRealOrStandIn("libdcgm.so.3");
        try {
            Loader.load(tritonserver.class);
        } catch (UnsatisfiedLinkError e) {
            throw new IllegalStateException(explain(e), e);
        }
        // The path that Triton will open too: one file, one instance, so that what Java hands over here is found there.
        Path shim = extract("backends/purekv/libtriton_purekv.so");
        System.load(shim.toString());
        return shim.getParent().getParent();
    }

    /** The dynamic linker looks first: a library of the host, or one already in the process, wins over the stand-in. */
    private static void loadRealOrStandIn(String name) {
        try {
            Loader.loadGlobal(name);
        } catch (UnsatisfiedLinkError notOnThisHost) {
            Loader.loadGlobal(extract("standins/" + name).toString());
        }
    }

    private static Path extract(String resource) {
        try {
            return Loader.cacheResource(NativeLibraries.class, ROOT + resource)
                    .toPath()
                    .toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "extracting " + resource
                            + " to the JavaCPP cache; set -Dorg.bytedeco.javacpp.cachedir to a writable folder",
                    e);
        }
    }

    static String explain(Throwable problem) {
        for (Throwable each = problem; each != null; each = each.getCause()) {
            Matcher missing = MISSING.matcher(String.valueOf(each.getMessage()));
            if (missing.find()) {
                String library = missing.group(1);
                String debian = PACKAGES.get(library);
                return debian == null
                        ? "Triton needs " + library + ", which is not on this host"
                        : "Triton needs " + library
                                + ", which is not on this host. On Debian or Ubuntu: apt-get install " + debian;
            }
        }
        return "libtritonserver cannot be loaded: " + problem.getMessage()
                + ". It needs glibc 2.34 or later (Debian 12, Ubuntu 22.04) and, on Debian: apt-get install libnuma1 libcurl4 libssl3 libxml2 zlib1g";
    }
}
