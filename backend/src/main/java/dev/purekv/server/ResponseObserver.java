package dev.purekv.server;

/** Hears the responses of one inference, in order, one at a time, on threads that must not be held up. */
public interface ResponseObserver {
    /**
     * @param response null when the server only marks the end
     * @param last true exactly once, on the last call
     */
    void response(InferenceResponse response, boolean last);
}
