package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.server.ServerException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of Triton's, from execution to its final response. Owns the request and a response factory: on every path it
 * reports statistics, sends one final response, releases the request and deletes the factory, in this order, once.
 *
 * <p>The request is held until the end so that Triton's own durations mean the whole work.
 */
final class RequestHandle {
    private static final Logger LOG = LoggerFactory.getLogger(RequestHandle.class);

    private final long instance;
    private final long request;
    private final long factory;
    private final long executeStart = System.nanoTime();
    private long computeStart = executeStart;
    private boolean ended;

    private RequestHandle(long instance, long request, long factory) {
        this.instance = instance;
        this.request = request;
        this.factory = factory;
    }

    /** @return empty when Triton gives no factory: the request is then released, which tells the client */
    static Optional<RequestHandle> open(long instance, long request) {
        try {
            return Optional.of(new RequestHandle(instance, request, BackendApi.factoryNew(request)));
        } catch (ServerException e) {
            LOG.error("a request cannot be answered", e);
            BackendApi.requestRelease(request);
            return Optional.empty();
        }
    }

    /** For reading inputs and parameters, until the end. */
    long request() {
        return request;
    }

    /** For making responses, until the end. */
    long factory() {
        return factory;
    }

    boolean cancelled() {
        return BackendApi.factoryCancelled(factory);
    }

    /** Reading is over and computing begins, as Triton's statistics tell them apart. */
    void computing() {
        computeStart = System.nanoTime();
    }

    /**
     * Counts a response in Triton's statistics.
     *
     * @param start when it began to be written, of System.nanoTime
     */
    void responded(long start) {
        BackendApi.reportResponse(instance, factory, computeStart, start, System.nanoTime(), -1);
    }

    /** @param last sends the final response */
    void succeed(Runnable last) {
        end(last, true);
    }

    /** The final response is this problem, unless the end has come already. */
    void fail(ServingException problem) {
        int code = Statuses.of(problem.code()).ordinal();
        end(
                () -> {
                    long now = System.nanoTime();
                    attempt(() -> BackendApi.reportResponse(instance, factory, computeStart, now, now, code));
                    BackendApi.responseSendError(
                            BackendApi.responseNew(factory),
                            BackendApi.FINAL,
                            code,
                            BackendApi.utf8(problem.getMessage()));
                },
                false);
    }

    private void end(Runnable last, boolean success) {
        if (ended) {
            return;
        }
        ended = true;
        long now = System.nanoTime();
        long[] times = {executeStart, computeStart, now, now};
        // Before the last response: whoever has heard it finds itself counted.
        attempt(() -> BackendApi.reportRequest(instance, request, success, times));
        if (success) {
            attempt(() -> BackendApi.reportBatch(instance, 1, times));
        }
        if (!attempt(last)) {
            attempt(() -> BackendApi.factorySendFlags(factory, BackendApi.FINAL));
        }
        attempt(() -> BackendApi.requestRelease(request));
        attempt(() -> BackendApi.factoryDelete(factory));
    }

    private static boolean attempt(Runnable step) {
        try {
            step.run();
            return true;
        } catch (ServerException e) {
            LOG.error("Triton refused a step of ending a request: {}", e.getMessage());
            return false;
        } catch (RuntimeException | OutOfMemoryError e) {
            // The steps after this one must come: a request that nobody releases keeps its client and its model for
            // ever.
            LOG.error("a step of ending a request failed", e);
            return false;
        }
    }
}
