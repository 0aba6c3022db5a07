package dev.purekv.server;

import java.util.Map;

/**
 * What operators do with a Triton server, wherever it runs: look, load, unload. JSON answers are Triton's own. Any thread may
 * call; every method throws {@link ServerException} with Triton's status when Triton refuses, and UNAVAILABLE where a server
 * elsewhere cannot be reached.
 */
public interface ModelControl {
    boolean live();

    boolean ready();

    String metadata();

    /** @param version as in the repository, or empty for the newest that is ready */
    String modelConfig(String model, String version);

    /** @param model empty for all models */
    String statistics(String model, String version);

    /** A JSON array of name, version, state and reason. */
    String repositoryIndex(boolean readyOnly);

    /**
     * Loads a model, or loads it again; returns when it is ready.
     *
     * @param parameters {@code config} (String) and {@code file:<path>} (byte[]), as Triton has them
     */
    void load(String model, Map<String, Object> parameters);

    /** Begins to unload a model; the index tells when it is gone. */
    void unload(String model, boolean dependents);
}
