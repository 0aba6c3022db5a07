package dev.purekv.console.patience;

import dev.purekv.server.RunningInference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the server to stop an inference that nobody waits for. */
public final class Cancelling {
    private static final Logger LOG = LoggerFactory.getLogger(Cancelling.class);

    private Cancelling() {}

    /**
     * A server that will not is no reason to leave the client, and others behind it, without their end.
     *
     * @param inference null where none runs
     */
    public static void cancel(RunningInference inference) {
        if (inference == null) {
            return;
        }
        try {
            inference.cancel();
        } catch (RuntimeException e) {
            LOG.warn("cancelling an inference failed; it goes on to its end", e);
        }
    }
}
