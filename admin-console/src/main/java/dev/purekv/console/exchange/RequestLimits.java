package dev.purekv.console.exchange;

/**
 * How much requests may send.
 *
 * @param maxRequestBytes of one body; not above what the heap can bear
 * @param bodies all bodies that are being read
 */
public record RequestLimits(long maxRequestBytes, BodyBudget bodies) {
    /**
     * Reading a body takes up to four times its size: the body, its text and its tensor; decoding its media takes as much
     * again. So all bodies together may be an eighth of the heap, and a single one no more.
     *
     * @param wanted the setting
     */
    static RequestLimits of(long wanted, long heapBytes) {
        long together = heapBytes / 8;
        return new RequestLimits(Math.min(wanted, together), new BodyBudget(together));
    }

    public Refusal tooLarge() {
        return new Refusal(
                413,
                "the request body is larger than the allowed " + maxRequestBytes
                        + " bytes; send less, or raise purekv.http.max-request-bytes and the heap (-Xmx), of which a body may be an eighth");
    }
}
