package dev.purekv.console.kserve;

import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.server.Scheduling;
import java.util.List;
import java.util.Map;

/**
 * An infer request without the elements of its tensors.
 *
 * @param binaryOutputs whether outputs come as binary data unless they say otherwise
 */
record InferHead(
        String id,
        List<TensorHead> inputs,
        List<Output> outputs,
        Map<String, Object> parameters,
        Scheduling scheduling,
        boolean binaryOutputs) {
    /**
     * An output that is asked for.
     *
     * @param classes 0 for the tensor itself
     * @param binary null when the request decides
     * @param shared where it goes in shared memory, or null
     */
    record Output(String name, int classes, Boolean binary, SharedPart shared) {}

    /** Whether any input has its elements in the JSON. */
    boolean hasJsonData() {
        return inputs.stream().anyMatch(TensorHead::inJson);
    }
}
