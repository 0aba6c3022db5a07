package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.cache.KvBudget;
import dev.purekv.cache.KvLedgers;
import dev.purekv.model.LoadedModel;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers many questions at once with one model. Everything that touches the model happens on one thread, turn by turn: the next
 * prompt is computed, or every answer under way gets a token. A prompt pauses often, and lets the answers take their turns meanwhile
 * (decision 0013).
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /**
     * One prompt waits for room in the cache while the next two are prepared. What waited a minute goes first; a second is longer than
     * preparing takes, unless it decodes a long clip.
     */
    private static final WaitingRoom.Limits LIMITS =
            new WaitingRoom.Limits(256, 3, TimeUnit.SECONDS.toNanos(60), TimeUnit.SECONDS.toNanos(1));

    /** So a clip that decodes for minutes leaves one thread to those behind it. */
    private static final int PREPARING_THREADS = 2;

    private final LoadedModel loaded;
    private final ModelSettings settings;
    private final Meters meters;
    private final WaitingRoom room = new WaitingRoom(LIMITS);
    private final OpenRequests open = new OpenRequests();
    private final FairShare share;
    private final KvBudget budget;
    private final Scheduler scheduler;
    private final RunningAnswers answers;
    private final List<Thread> preparing;
    private final Thread stepping;
    private boolean prefilling;
    private volatile boolean draining;
    private volatile boolean closing;

    /** The only engine of its model, ever. */
    public Engine(String name, LoadedModel loaded, ModelSettings settings, Meters meters) {
        this(name, loaded, settings, meters, new KvLedgers());
    }

    /**
     * @param name of the model
     * @param meters told of all work
     * @param ledgers where the bytes of all engines of this name are counted
     */
    public Engine(String name, LoadedModel loaded, ModelSettings settings, Meters meters, KvLedgers ledgers) {
        this.loaded = loaded;
        this.settings = settings;
        this.meters = meters;
        this.budget = ledgers.open(name, held -> CacheCeiling.bytes(settings, held));
        this.scheduler = new Scheduler(budget, settings.maxConcurrentSequences());
        this.share = new FairShare(settings.prefillShare());
        this.answers = new RunningAnswers(loaded.model());
        LOG.info(
                "model={} kv_cache_bytes={} max_concurrent_sequences={} prefill_share={}",
                name,
                budget.totalBytes(),
                settings.maxConcurrentSequences(),
                settings.prefillShare());
        Preparation preparation = new Preparation(loaded, room, budget);
        this.preparing = IntStream.range(0, PREPARING_THREADS)
                .mapToObj(i -> start("purekv-prepare-" + i + "-" + name, preparation::run))
                .toList();
        this.stepping = start("purekv-engine-" + name, this::run);
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
     * Takes a question; its sink hears everything else, from the engine's threads.
     *
     * @throws ServingException INVALID_REQUEST for parameters that are wrong, OUT_OF_CAPACITY when too many wait or the engine is
     *     stopping; the sink then hears nothing
     */
    public void submit(GenerationRequest request, AnswerSink sink) {
        // Parameters first: a misspelt one must not wait, nor cost the decoding of a clip.
        Sampling sampling = SamplingReader.read(request.sampling(), loaded.defaults());
        KvSettings kv = settings.kvFor(request.kv(), loaded.model().layers());
        Ticket ticket = new Ticket(request, new Ticket.Settings(sampling, kv), sink, meters, open, () -> draining);
        try {
            room.enter(ticket);
        } catch (ServingException e) {
            open.remove(ticket);
            throw e;
        }
        meters.waiting(room.waiting());
    }

    /** The requests that have not ended, by arrival; any thread may ask. */
    public List<OpenRequest> requests() {
        return open.all();
    }

    /**
     * Ends a request as if its client had gone, within a step.
     *
     * @return false when there is none of this number any more
     */
    public boolean cancel(long number) {
        return open.cancel(number);
    }

    private void run() {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            while (!closing) {
                try {
                    turn();
                } catch (Throwable e) {
                    // What belongs to one request was handled with it: this thread must survive the rest.
                    LOG.error("a turn of the engine failed", e);
                }
            }
            answers.fail(Failures.stopping());
            count();
        }
    }

    private void turn() {
        dismissUnwanted();
        Optional<Session> first = room.first();
        OptionalLong wanted = first.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(first.get().peakBytes());
        if (answers.count() == 0 || !scheduler.admits(wanted, answers.count())) {
            share.forget();
        }
        switch (scheduler.next(wanted, answers.count(), share.answersAreDue())) {
            case PREFILL -> begin(first.orElseThrow());
            case DECODE -> decode();
            case WAIT -> room.rest(first.isPresent());
        }
        count();
    }

    private void dismissUnwanted() {
        for (Ticket ticket : room.unwanted()) {
            try {
                ticket.requireWanted();
            } catch (Throwable why) {
                ticket.fail(why, "waiting");
            }
        }
    }

    private void begin(Session session) {
        Optional<KvBudget.Reservation> bytes = budget.reserve(session.peakBytes());
        if (bytes.isEmpty()) {
            return; // another engine of this model was quicker: the next turn asks again
        }
        if (room.take(session)) {
            prefill(session, bytes.get());
        } else {
            bytes.get().close();
        }
    }

    private void prefill(Session session, KvBudget.Reservation bytes) {
        session.admit(bytes);
        try {
            session.ticket().requireWanted();
            prefilling = true;
            count();
            Pause pause = new Pause(session);
            boolean complete = session.prefill(pause);
            pause.worked();
            if (complete) {
                RunningAnswers.release(session);
            } else {
                answers.add(session);
            }
        } catch (Throwable e) {
            RunningAnswers.fail(session, e, "computing the prompt");
        } finally {
            prefilling = false;
        }
    }

    private void decode() {
        long start = System.nanoTime();
        answers.step();
        share.decoded(System.nanoTime() - start);
    }

    private void count() {
        meters.waiting(room.waiting());
        meters.running(answers.count() + (prefilling ? 1 : 0));
        meters.cacheBytes(budget.usedBytes(), budget.sharedTotalBytes());
    }

    /** What happens between two pieces of a prompt's computation: it is stopped, or answers take their turns. */
    private final class Pause implements Runnable {
        private final Session session;
        private long since = System.nanoTime();

        Pause(Session session) {
            this.session = session;
        }

        /** Counts the prompt's own time up to now. */
        void worked() {
            long now = System.nanoTime();
            share.prefilled(now - since);
            since = now;
        }

        @Override
        public void run() {
            worked();
            if (closing) {
                throw Failures.stopping();
            }
            session.ticket().requireWanted();
            dismissUnwanted();
            while (answers.count() > 0 && share.answersAreDue()) {
                decode();
                count();
            }
            if (answers.count() == 0) {
                share.forget();
            }
            since = System.nanoTime();
        }
    }

    /** Accepts nothing new from now on. Who waits is refused, which a client may try elsewhere; answers under way go on. */
    public void drain() {
        draining = true;
        room.close().forEach(ticket -> ticket.fail(Failures.stopping(), "waiting"));
    }

    /** Stops after the step under way; whoever still waits is told. */
    @Override
    public void close() {
        closing = true;
        drain();
        preparing.forEach(Engine::join);
        join(stepping);
        budget.close();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
