package dev.purekv.console.kserve;

import dev.purekv.console.sharedmemory.Window;
import dev.purekv.server.InferenceRequest;
import java.util.Map;

/**
 * What an infer request asks for, and how it wants the answer.
 *
 * @param binary by output, where the request says so
 * @param binaryElse for other outputs
 * @param windows where outputs go in shared memory, by their names; whatever else is asked of those does not count
 */
record AskedInference(
        InferenceRequest request, Map<String, Boolean> binary, boolean binaryElse, Map<String, Window> windows) {
    /** Gives the shared memory back: its regions may be unregistered then. May be called again, by any thread. */
    void close() {
        windows.values().forEach(Window::close);
    }
}
