package dev.purekv.server;

import java.util.List;
import java.util.Map;

/**
 * One request, in KServe's terms.
 *
 * @param version empty for the newest ready version
 * @param id the client's own, or empty
 * @param outputs the tensors wanted; empty for all
 * @param parameters values are String, Long, Boolean or Double
 */
public record InferenceRequest(
        String model,
        String version,
        String id,
        List<TensorData> inputs,
        List<RequestedOutput> outputs,
        Map<String, Object> parameters,
        Scheduling scheduling) {
    public InferenceRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        parameters = Map.copyOf(parameters);
    }

    public InferenceRequest(
            String model,
            String version,
            String id,
            List<TensorData> inputs,
            List<RequestedOutput> outputs,
            Map<String, Object> parameters) {
        this(model, version, id, inputs, outputs, parameters, Scheduling.NONE);
    }
}
