package dev.purekv.console.exchange;

import java.time.Duration;

/**
 * How much requests may send.
 *
 * @param maxRequestBytes of one body; not above what the heap can bear
 * @param bodies all bodies that are being read
 * @param bodyTimeout from a request's head to the end of its body
 */
public record RequestLimits(long maxRequestBytes, BodyBudget bodies, Duration bodyTimeout) {
    /**
     * Reading a body takes up to four times its size: the body, its text and its tensor; decoding its media takes as much
     * again. So all bodies together may be an eighth of the heap, and a single one no more.
     *
     * @param wanted the setting
     */
    static RequestLimits of(long wanted, long heapBytes, Duration bodyTimeout) {
        long together = heapBytes / 8;
        return new RequestLimits(Math.min(wanted, together), new BodyBudget(together), bodyTimeout);
    }

    Refusal tooSlow() {
        return new Refusal(
                408,
                "the request body did not arrive within " + bodyTimeout.toMillis()
                        + " ms; send it faster, or raise purekv.http.body-timeout");
    }

    public Refusal tooLarge() {
        return new Refusal(
                413,
                "the request body is larger than the allowed " + maxRequestBytes
                        + " bytes; send less, or raise purekv.http.max-request-bytes and the heap (-Xmx), of which a body may be an eighth");
    }
}
