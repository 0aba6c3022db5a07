package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelPrompt;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers questions with one model, one at a time and in their order. Prompts are prepared on a thread of their own, so
 * that decoding the next clip and computing this one overlap; everything that touches the model happens on the engine thread.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** A question on its way to the model. */
    private record Waiting(GenerationRequest request, AnswerSink sink, long arrived) {}

    private final LoadedModel loaded;
    private final ModelSettings settings;
    private final int capacity;
    private final Meters meters;
    private final AtomicInteger held = new AtomicInteger();
    private final BlockingQueue<Waiting> unprepared = new LinkedBlockingQueue<>();
    // Prepared prompts hold pixels: two are enough to keep the engine busy.
    private final BlockingQueue<Session> prepared = new LinkedBlockingQueue<>(2);
    private final Thread preparing;
    private final Thread stepping;
    private volatile boolean closing;
    private volatile int running;

    /**
     * @param name of the model, for threads and logs
     * @param capacity questions that may be here at once, waiting or running
     * @param meters told of all work
     */
    public Engine(String name, LoadedModel loaded, ModelSettings settings, int capacity, Meters meters) {
        this.loaded = loaded;
        this.settings = settings;
        this.capacity = capacity;
        this.meters = meters;
        this.preparing = start("purekv-prepare-" + name, this::prepareAll);
        this.stepping = start("purekv-engine-" + name, this::stepAll);
    }

    private static Thread start(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        // Triton's threads have no class loader to inherit, and libraries look for their resources through it.
        thread.setContextClassLoader(Engine.class.getClassLoader());
        thread.start();
        return thread;
    }

    /**
     * Takes a question; its sink hears everything else.
     *
     * @throws ServingException OUT_OF_CAPACITY when too many wait, or when the engine is stopping
     */
    public void submit(GenerationRequest request, AnswerSink sink) {
        if (closing) {
            throw ServingException.outOfCapacity("the model is being unloaded: retry in a moment");
        }
        if (held.incrementAndGet() > capacity) {
            held.decrementAndGet();
            throw ServingException.outOfCapacity(
                    "%d requests already wait for this model: retry in a moment", capacity);
        }
        Waiting waiting = new Waiting(request, sink, System.nanoTime());
        unprepared.add(waiting);
        count();
        if (closing && unprepared.remove(waiting)) {
            fail(sink, stopping(), Meters.Stage.QUEUE); // close() had looked already
        }
    }

    private void prepareAll() {
        while (!closing) {
            Waiting waiting;
            try {
                waiting = unprepared.take();
            } catch (InterruptedException e) {
                return; // close() interrupts, and answers what is left
            }
            try {
                prepared.put(prepare(waiting));
            } catch (InterruptedException e) {
                fail(waiting.sink(), stopping(), Meters.Stage.QUEUE);
                return;
            } catch (Throwable e) {
                fail(waiting.sink(), translate(e, "preparing the prompt"), Meters.Stage.PREPARATION);
            }
        }
    }

    private Session prepare(Waiting waiting) {
        if (waiting.sink().cancelled()) {
            throw ServingException.cancelled("the request was cancelled while it waited");
        }
        // Parameters first: a misspelt one must not cost the decoding of a clip.
        Sampling sampling = SamplingReader.read(waiting.request().sampling(), loaded.defaults());
        KvSettings kv = settings.kvFor(waiting.request().kv(), loaded.model().layers());
        ModelPrompt prompt = waiting.request().prompt().apply(loaded.encoder(), waiting.sink()::cancelled);
        return new Session(prompt, sampling, kv, waiting.sink(), loaded, new Timeline(meters, waiting.arrived()));
    }

    private void stepAll() {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            while (!closing) {
                answer(prepared.take());
            }
        } catch (InterruptedException e) {
            LOG.debug("engine thread ends");
        }
    }

    private void answer(Session session) {
        try (session) {
            running = 1;
            count();
            boolean complete = false;
            while (!complete) {
                if (closing) {
                    throw stopping();
                }
                complete = session.step();
            }
            held.decrementAndGet();
            running = 0;
            count();
        } catch (Throwable e) {
            fail(session.sink(), translate(e, "generating"), session.stage());
        }
    }

    private void count() {
        int active = running;
        meters.running(active);
        meters.waiting(Math.max(0, held.get() - active));
    }

    private void fail(AnswerSink sink, ServingException problem, Meters.Stage stage) {
        held.decrementAndGet();
        if (stage == Meters.Stage.PREFILL || stage == Meters.Stage.DECODE) {
            running = 0;
        }
        count();
        if (problem.code() == ServingException.Code.CANCELLED) {
            meters.cancelled(stage);
        }
        sink.failed(problem);
    }

    private static ServingException stopping() {
        return ServingException.outOfCapacity("the model is being unloaded: retry in a moment");
    }

    private static ServingException translate(Throwable problem, String doing) {
        if (problem instanceof ServingException known) {
            return known;
        }
        if (problem instanceof OutOfMemoryError) {
            LOG.error("{} failed: {}", doing, problem.getMessage());
            return ServingException.outOfCapacity(
                    "%s needs more memory than the server has left: retry in a moment, send less, or start the server with a larger heap (-Xmx)",
                    doing);
        }
        LOG.error("{} failed", doing, problem);
        String message = String.valueOf(problem.getMessage());
        // LibTorch puts its whole C++ trace into the message; the first line is the useful one.
        return ServingException.internal(
                problem, "%s failed: %s", doing, message.lines().findFirst().orElse(""));
    }

    /** Stops after the step under way; whoever still waits is told. */
    @Override
    public void close() {
        closing = true;
        preparing.interrupt();
        stepping.interrupt();
        join(preparing);
        join(stepping);
        for (Waiting waiting = unprepared.poll(); waiting != null; waiting = unprepared.poll()) {
            fail(waiting.sink(), stopping(), Meters.Stage.QUEUE);
        }
        for (Session session : prepared) {
            fail(session.sink(), stopping(), Meters.Stage.PREPARATION);
            session.close();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
