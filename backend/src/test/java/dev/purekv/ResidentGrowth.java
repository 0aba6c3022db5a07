package dev.purekv;

import org.bytedeco.javacpp.Pointer;

/**
 * Tells a leak from memory that is taken once: a leak makes the process larger in every round. Needs a Java heap that is
 * resident from the start, as the build gives it, or the heap's own growth is counted as well.
 */
public final class ResidentGrowth {
    private static final int ROUNDS = 5;

    private ResidentGrowth() {}

    /** @return bytes by which the process grew in the round in which it grew least */
    public static long smallest(Runnable round) {
        round.run();
        long smallest = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            long before = Pointer.physicalBytes();
            round.run();
            smallest = Math.min(smallest, Pointer.physicalBytes() - before);
        }
        return smallest;
    }
}
