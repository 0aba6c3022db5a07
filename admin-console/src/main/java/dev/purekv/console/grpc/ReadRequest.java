package dev.purekv.console.grpc;

import dev.purekv.console.sharedmemory.Window;
import dev.purekv.server.InferenceRequest;
import java.util.Map;

/**
 * A request as the server takes it, and what its answers need.
 *
 * @param emptyFinal whether the client wants to hear of an end that has no content
 * @param windows where outputs go in shared memory, by their names
 */
record ReadRequest(InferenceRequest request, boolean emptyFinal, Map<String, Window> windows) {
    /** Gives the shared memory back: its regions may be unregistered then. */
    void close() {
        windows.values().forEach(Window::close);
    }
}
