package dev.purekv.triton;

import dev.purekv.server.LiveRequest;
import java.util.List;

/** One version of one model while Triton has it loaded. */
interface ServedModel extends AutoCloseable {
    /**
     * Answers a request, on this thread or later on another. What is thrown is answered as a failure by the caller.
     *
     * @throws dev.purekv.ServingException for a request that cannot be answered
     */
    void answer(RequestHandle handle);

    /** The requests that have not ended. */
    default List<LiveRequest> requests() {
        return List.of();
    }

    /** @return whether a request of this number was told to end */
    default boolean cancel(long number) {
        return false;
    }

    /** Begins nothing new from now on. */
    void drain();

    @Override
    void close();
}
