package dev.purekv.console.exchange;

import dev.purekv.server.InferenceResponse;
import java.util.Map;

/** How the responses of one inference become bytes for the client. */
public interface ReplyForm {
    String contentType();

    /**
     * Takes the next response.
     *
     * @param response null when the server only marks the end
     * @param last true on the last call
     * @return what to write now, or null
     */
    byte[] take(InferenceResponse response, boolean last);

    /** The HTTP status; asked once, before the first bytes are written. */
    int status();

    /** Headers besides the content type; asked once, before the first bytes are written. */
    default Map<String, String> headers() {
        return Map.of();
    }

    /** @return true when more responses cannot change the answer, so that the inference may stop */
    default boolean settled() {
        return false;
    }

    /** Nothing more will be taken; gives back what the form holds. May be called again, by any thread. */
    default void close() {}
}
