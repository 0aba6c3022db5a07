package dev.purekv.console.kserve;

/**
 * How much requests may send.
 *
 * @param maxRequestBytes of one body
 * @param bodies all bodies that are being read
 */
record RequestLimits(long maxRequestBytes, BodyBudget bodies) {
    Refusal tooLarge() {
        return new Refusal(
                413,
                "the request body is larger than the allowed " + maxRequestBytes
                        + " bytes; send less, or raise purekv.http.max-request-bytes");
    }
}
