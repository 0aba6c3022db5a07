package dev.purekv;

import org.bytedeco.javacpp.Pointer;

/** Tells a leak from a heap that grows once: a leak makes the process larger in every round, the heap does not. */
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
