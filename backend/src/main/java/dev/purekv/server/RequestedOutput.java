package dev.purekv.server;

/**
 * An output tensor that a client asks for.
 *
 * @param classes 0 for the tensor itself; else that many of its largest elements, best first, as BYTES
 *     {@code value:index} or {@code value:index:label}
 */
public record RequestedOutput(String name, int classes) {
    /** The tensor itself. */
    public static RequestedOutput tensor(String name) {
        return new RequestedOutput(name, 0);
    }
}
