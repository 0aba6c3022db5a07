package dev.purekv.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The server's image, built by the README's command. {@code PUREKV_IMAGE_BASE} in the environment names another base, where no
 * registry is reached.
 */
record TestImage() implements AutoCloseable {
    static final String NAME = "purekv:under-test";
    /** Where the containers of all tests unpack their libraries: once, and not at every start. */
    static final String CACHE_VOLUME = "purekv-under-test-cache";

    static TestImage build() {
        List<String> command = new ArrayList<>(List.of("docker", "build", "-q", "-t", NAME));
        String base = System.getenv("PUREKV_IMAGE_BASE");
        if (base != null) {
            command.addAll(List.of("--build-arg", "BASE=" + base));
        }
        command.addAll(List.of("-f", "integration-tests/deployment/image/Dockerfile", "."));
        if (run(command) != 0) {
            throw new IllegalStateException("the image cannot be built; where no registry is reached, make a base with"
                    + " integration-tests/deployment/image/base.sh and name it in PUREKV_IMAGE_BASE");
        }
        return new TestImage();
    }

    /**
     * Builds another image for a test, of Debian's packages.
     *
     * @param folder in the tests' resources, with its Dockerfile
     * @param base image that it starts from; null for the Dockerfile's own
     */
    static void derive(String name, String folder, String base) {
        List<String> command = new ArrayList<>(List.of("docker", "build", "-q", "--network", "host", "-t", name));
        if (base != null) {
            command.addAll(List.of("--build-arg", "BASE=" + base));
        }
        command.add("integration-tests/src/test/resources/images/" + folder);
        if (run(command) != 0) {
            throw new IllegalStateException("the image " + name + " cannot be built: Debian's mirrors must be reached");
        }
    }

    static void remove(String name) {
        run(List.of("docker", "rmi", "-f", name));
    }

    private static int run(List<String> command) {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + command + " ran", e);
        }
    }

    @Override
    public void close() {
        remove(NAME);
        run(List.of("docker", "volume", "rm", "-f", CACHE_VOLUME));
    }
}
