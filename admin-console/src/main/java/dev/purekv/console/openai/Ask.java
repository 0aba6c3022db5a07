package dev.purekv.console.openai;

import dev.purekv.server.InferenceRequest;

/**
 * What a client asks for.
 *
 * @param request to the model
 * @param shape of the answer
 * @param stream piece by piece
 * @param usageAtEnd a last event with the counts, of a stream
 * @param logprobs with each token
 * @param metrics what became of the cache
 */
record Ask(
        InferenceRequest request, Shape shape, boolean stream, boolean usageAtEnd, boolean logprobs, boolean metrics) {
    String model() {
        return request.model();
    }

    String id() {
        return request.id();
    }
}
