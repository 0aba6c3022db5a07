package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.InferenceResponse;

/**
 * One response as JSON.
 *
 * @param json UTF-8, or null for nothing to say
 */
record Rendered(int status, byte[] json) {
    static final Rendered NOTHING = new Rendered(200, null);

    /** An error, the model's or one met while writing its answer, becomes an error body with its status. */
    static Rendered of(InferenceResponse response) {
        try {
            if (response.error() != null) {
                throw response.error();
            }
            return new Rendered(200, ResponseJson.generate(response));
        } catch (RuntimeException e) {
            Refusal refusal = Refusal.of(e);
            return new Rendered(refusal.status(), ResponseJson.error(refusal.getMessage()));
        }
    }
}
