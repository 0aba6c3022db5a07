package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NativeLibrariesTest {
    @Test
    void aMissingLibraryNamesItsPackage() {
        Throwable nested = new UnsatisfiedLinkError("no jnitritonserver in java.library.path");
        nested.initCause(new UnsatisfiedLinkError(
                "/x/libtritonserver.so: libnuma.so.1: cannot open shared object file: No such file or directory"));
        assertThat(NativeLibraries.explain(nested)).contains("libnuma.so.1").contains("apt-get install libnuma1");
    }

    @Test
    void anyOtherProblemNamesWhatTritonNeeds() {
        assertThat(NativeLibraries.explain(new UnsatisfiedLinkError("version `GLIBC_2.34' not found")))
                .contains("glibc 2.34")
                .contains("libxml2");
    }

    @Test
    void theBackendDirectoryHoldsTheLibraryWhereTritonLooks() {
        Path directory = NativeLibraries.load();
        assertThat(Files.isRegularFile(directory.resolve("purekv/libtriton_purekv.so")))
                .isTrue();
        assertThat(NativeLibraries.load()).isEqualTo(directory);
    }
}
