package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a host that has CUDA, its libcudart is used and the stand-in is not. Here the host's is one that says when it is loaded. */
class RealLibrariesIT {
    private static final String NATIVE = "backend/src/main/native/";

    @TempDir
    Path host;

    @Test
    void aLibraryOfTheHostWinsOverTheStandIn() throws Exception {
        Path marker = Files.writeString(host.resolve("marker.c"), """
                #include <stdio.h>
                __attribute__((constructor)) static void loaded(void) { fputs("the host's libcudart is loaded\\n", stderr); }
                """);
        Process compiler = new ProcessBuilder(List.of(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-Wl,-soname,libcudart.so.12",
                        "-Wl,--version-script=" + NATIVE + "cuda_stand_in.map",
                        NATIVE + "cuda_stand_in.c",
                        marker.toString(),
                        "-o",
                        host.resolve("libcudart.so.12").toString()))
                .inheritIO()
                .start();
        assertThat(compiler.waitFor()).isZero();
        try (RunningServer server =
                RunningServer.start(Path.of("model-repository"), Map.of("LD_LIBRARY_PATH", host.toString()))) {
            assertThat(server.log()).contains("the host's libcudart is loaded");
        }
        try (RunningServer server = RunningServer.start(Path.of("model-repository"))) {
            assertThat(server.log()).doesNotContain("libcudart is loaded");
        }
    }
}
