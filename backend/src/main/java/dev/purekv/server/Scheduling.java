package dev.purekv.server;

/**
 * What a client asks of Triton's schedulers.
 *
 * @param sequence number (Long, unsigned) or name (String) of the sequence that the request belongs to; null for none
 * @param priority unsigned; 0 for the model's default
 * @param timeoutMicros longest time in the queue, unsigned; 0 for the model's default
 */
public record Scheduling(
        Object sequence, boolean sequenceStart, boolean sequenceEnd, long priority, long timeoutMicros) {
    public static final Scheduling NONE = new Scheduling(null, false, false, 0, 0);
}
