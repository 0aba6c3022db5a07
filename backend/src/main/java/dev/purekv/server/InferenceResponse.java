package dev.purekv.server;

import java.util.List;
import java.util.Map;

/**
 * One response of possibly many.
 *
 * @param error null when it carries an answer
 * @param parameters values are String, Long, Boolean or Double
 */
public record InferenceResponse(
        String model,
        String version,
        String id,
        List<TensorData> outputs,
        Map<String, Object> parameters,
        ServerException error) {}
