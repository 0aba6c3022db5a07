package dev.purekv.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What a benchmark counts. */
enum Clock {
    /** Time that passes: for a machine that does nothing else. */
    WALL {
        @Override
        long nanoseconds() {
            return System.nanoTime();
        }
    },

    /**
     * Time that all cores together spend on this process, in steps of 10 ms: for a machine that others use as well. Threads
     * that wait for work do not count, for they sleep.
     */
    PROCESSOR {
        @Override
        long nanoseconds() {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        }
    };

    abstract long nanoseconds();
}
