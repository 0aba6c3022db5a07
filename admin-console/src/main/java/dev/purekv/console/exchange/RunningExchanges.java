package dev.purekv.console.exchange;

import dev.purekv.console.doors.Doors;
import dev.purekv.console.patience.Looks;
import dev.purekv.console.patience.WaitingBytes;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.RunningInference;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * All inferences under way, and the threads that deliver their answers. At the stop it comes after the doors have closed
 * to newcomers and waited, and before the connections go: what still runs is cancelled and may say so.
 */
@Component
public final class RunningExchanges implements SmartLifecycle {
    private static final long QUEUE_BYTES = 1 << 20;
    private static final long LAST_WORDS_MILLIS = 3000;
    private static final long LAST_BYTE_MILLIS = 100;
    private static final long STOP_MILLIS = 1000;
    private static final int DELIVERY_THREADS = 2;
    private static final long LOOK_MILLIS = 200; // a client that leaves is noticed within half a second

    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final AtomicInteger unanswered = new AtomicInteger();
    private final WaitingBytes waiting;
    private final Doors doors;
    private final int mostRequests;
    private final long stallMillis;
    // Made here, not at start(): the doors open a moment before that.
    private final ScheduledExecutorService delivery =
            Executors.newScheduledThreadPool(DELIVERY_THREADS, RunningExchanges::thread);
    private volatile boolean running;

    RunningExchanges(Doors doors, WaitingBytes waiting, PureKvSettings settings) {
        this.doors = doors;
        this.waiting = waiting;
        this.mostRequests = settings.http().maxRequests();
        this.stallMillis = settings.http().stallTimeout().toMillis();
    }

    /**
     * Starts an inference whose exchange counts as running until its last response has come, as its body does.
     *
     * @throws RuntimeException when there are too many, or the server refuses it; the caller answers then
     */
    public void start(
            InferenceServer server, InferenceRequest request, ChunkStream body, AsyncContext async, ReplyForm form)
            throws IOException {
        if (unanswered.incrementAndGet() > mostRequests) {
            unanswered.decrementAndGet();
            throw new Refusal(
                    503,
                    mostRequests + " inferences are under way already, the limit of purekv.http.max-requests; try again"
                            + " later");
        }
        Exchange exchange = null;
        RunningInference inference;
        try {
            exchange = new Exchange(
                    async, form, delivery, new ResponseQueue(QUEUE_BYTES, waiting), new Accounts(body.held()));
            exchanges.add(exchange);
            inference = server.infer(request, exchange);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            unanswered.decrementAndGet();
            if (exchange != null) {
                exchanges.remove(exchange);
            }
            throw e;
        }
        body.held().keep();
        try {
            exchange.started(inference);
        } catch (IOException | RuntimeException e) {
            exchange.abandon();
            exchanges.remove(exchange);
            throw e;
        }
    }

    /** What an exchange has taken, and gives back. */
    private final class Accounts implements Exchange.Owner {
        private final HeldBytes body;

        Accounts(HeldBytes body) {
            this.body = body;
        }

        @Override
        public void answered(Exchange exchange) {
            unanswered.decrementAndGet();
            body.release();
        }

        @Override
        public void done(Exchange exchange) {
            exchanges.remove(exchange);
        }
    }

    /** Answers that have not come to their end, or not to their client. */
    public int count() {
        return exchanges.size();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "delivery");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void start() {
        running = true;
        Looks.every(LOOK_MILLIS, delivery, exchanges, exchange -> exchange.lookAtClient(doors, stallMillis));
    }

    @Override
    public void stop() {
        List<Exchange> open = List.copyOf(exchanges);
        open.forEach(Exchange::stop);
        try {
            // The word about the end is the last of what may still be on its way.
            for (long waited = 0;
                    !open.stream().allMatch(Exchange::delivered) && waited < LAST_WORDS_MILLIS;
                    waited += 10) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            if (!open.isEmpty()) {
                // The container ends each response on a thread of its own, and tells nobody when the last byte is out.
                TimeUnit.MILLISECONDS.sleep(LAST_BYTE_MILLIS);
            }
            delivery.shutdown();
            if (!delivery.awaitTermination(STOP_MILLIS, TimeUnit.MILLISECONDS)) {
                delivery.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 512;
    }
}
