package dev.purekv.server;

import java.util.List;

/**
 * A Triton inference server, wherever it runs. JSON answers are Triton's own, byte for byte. Any thread may call; every
 * method throws {@link ServerException} with Triton's status when Triton refuses.
 */
public interface InferenceServer extends ModelControl, AutoCloseable {
    /** @param version as in the repository, or empty for the newest that is ready */
    boolean modelReady(String model, String version);

    /** Whether a model may answer a request with any number of responses. */
    boolean decoupled(String model, String version);

    String modelMetadata(String model, String version);

    /** What the server's log has now. */
    LogSettings logSettings();

    /** Changes the log of the whole process at once. */
    void changeLog(LogSettings wanted);

    /** Says who decides from now on which requests are traced; none are before. */
    void trace(Tracing tracing);

    /** Prometheus text. */
    String metrics();

    /**
     * Starts an inference. Answers come on threads of the server, which must not be held up.
     *
     * @throws ServerException when the request is refused before it starts; the observer then hears nothing
     */
    RunningInference infer(InferenceRequest request, ResponseObserver observer);

    /**
     * What the models of this backend work on now, and have waiting.
     *
     * @throws ServerException UNSUPPORTED for a server that does not tell
     */
    default List<LiveRequest> requests() {
        throw new ServerException(ServerException.Status.UNSUPPORTED, "this server does not list its requests");
    }

    /**
     * Ends a request as if its client had gone.
     *
     * @return false when it has ended already
     * @throws ServerException UNSUPPORTED for a server that does not tell
     */
    default boolean cancel(LiveRequest request) {
        throw new ServerException(ServerException.Status.UNSUPPORTED, "this server does not cancel requests");
    }

    /**
     * Prepares for the stop: from now on nothing is accepted and the server is not ready; what waits is refused, what runs goes on.
     * Returns at once.
     */
    void drain();

    /** Cancels what runs, waits for it and stops. */
    @Override
    void close();
}
