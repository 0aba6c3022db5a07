package dev.purekv.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/** The models whose caches are counted now, by name: what engines of one name hold counts together. Any thread. */
public final class KvLedgers {
    private final Map<String, KvLedger> ledgers = new HashMap<>();

    /**
     * A budget for one more engine of a model, until it is closed.
     *
     * @param ceiling of this engine, given what the others of the name hold now
     */
    public synchronized KvBudget open(String model, LongUnaryOperator ceiling) {
        KvLedger ledger = ledgers.getOrDefault(model, new KvLedger());
        KvBudget budget =
                new KvBudget(ceiling.applyAsLong(ledger.heldBytes()), ledger, () -> forgetUnused(model, ledger));
        ledgers.put(model, ledger);
        return budget;
    }

    private synchronized void forgetUnused(String model, KvLedger ledger) {
        if (ledger.isEmpty()) {
            ledgers.remove(model, ledger);
        }
    }

    /** How many models are counted. */
    synchronized int size() {
        return ledgers.size();
    }
}
