package dev.purekv.console.exchange;

import dev.purekv.console.doors.Doors;
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
    private static final long LOOK_MILLIS = 500;

    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final Doors doors;
    // Made here, not at start(): the doors open a moment before that.
    private final ScheduledExecutorService delivery =
            Executors.newScheduledThreadPool(DELIVERY_THREADS, RunningExchanges::thread);
    private volatile boolean running;

    RunningExchanges(Doors doors) {
        this.doors = doors;
    }

    /**
     * Starts an inference whose exchange counts as running until its last response has come, as its body does.
     *
     * @throws RuntimeException when the server refuses it; the caller answers then
     */
    public void start(
            InferenceServer server, InferenceRequest request, ChunkStream body, AsyncContext async, ReplyForm form)
            throws IOException {
        Exchange exchange = open(async, form, body.held()::release);
        RunningInference inference;
        try {
            inference = server.infer(request, exchange);
        } catch (RuntimeException | OutOfMemoryError e) {
            exchanges.remove(exchange);
            throw e;
        }
        body.held().keep();
        try {
            exchange.started(inference);
        } catch (IOException | RuntimeException e) {
            exchange.abandon();
            throw e;
        }
    }

    private Exchange open(AsyncContext async, ReplyForm form, Runnable ended) throws IOException {
        Exchange[] self = new Exchange[1];
        self[0] = new Exchange(async, form, delivery, new ResponseQueue(QUEUE_BYTES), () -> {
            exchanges.remove(self[0]);
            ended.run();
        });
        exchanges.add(self[0]);
        return self[0];
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "delivery");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void start() {
        running = true;
        delivery.scheduleWithFixedDelay(
                () -> exchanges.forEach(exchange -> exchange.lookAtClient(doors)),
                LOOK_MILLIS,
                LOOK_MILLIS,
                TimeUnit.MILLISECONDS);
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
