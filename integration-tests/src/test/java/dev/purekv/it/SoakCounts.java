package dev.purekv.it;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** How the requests of a soak ended. */
final class SoakCounts {
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger left = new AtomicInteger();
    final AtomicInteger reloads = new AtomicInteger();
    final List<String> wrong = new CopyOnWriteArrayList<>();

    /** Told at once: a soak that is cut short has said what it found. */
    void wrong(String what) {
        wrong.add(what);
        System.out.println("wrong: " + what);
    }

    int total() {
        return answered.get() + refused.get() + left.get() + wrong.size();
    }

    @Override
    public String toString() {
        return total() + " requests: " + answered + " answered as alone, " + refused + " refused by a typed error, "
                + left + " left, " + wrong.size() + " wrong; " + reloads + " reloads";
    }
}
