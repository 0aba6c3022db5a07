package dev.purekv.triton;

/** One version of one model while Triton has it loaded. */
interface ServedModel extends AutoCloseable {
    /**
     * Answers a request, on this thread or later on another. What is thrown is answered as a failure by the caller.
     *
     * @throws dev.purekv.ServingException for a request that cannot be answered
     */
    void answer(RequestHandle handle);

    /** Begins nothing new from now on. */
    void drain();

    @Override
    void close();
}
