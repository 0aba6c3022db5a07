package dev.purekv.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.Loader;

/** Environment variables of this very process, for native libraries that are loaded later. */
final class ProcessEnvironment {
    static {
        try {
            System.load(Loader.cacheResource(ProcessEnvironment.class, "/dev/purekv/natives/libpurekv_environment.so")
                    .getAbsolutePath());
        } catch (IOException e) {
            throw new UncheckedIOException("extracting libpurekv_environment.so to the JavaCPP cache", e);
        }
    }

    private ProcessEnvironment() {}

    static void setIfAbsent(String name, String value) {
        setIfAbsent(name.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    private static native void setIfAbsent(byte[] name, byte[] value);
}
