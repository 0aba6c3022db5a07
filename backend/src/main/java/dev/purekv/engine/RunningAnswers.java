package dev.purekv.engine;

import dev.purekv.ServingException;
import dev.purekv.model.Sequence;
import dev.purekv.model.VisionLanguageModel;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The answers under way. A step gives each of them one token, and a failure ends no more of them than it must. */
final class RunningAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(RunningAnswers.class);

    private final VisionLanguageModel model;
    private final List<Session> running = new ArrayList<>();

    RunningAnswers(VisionLanguageModel model) {
        this.model = model;
    }

    int count() {
        return running.size();
    }

    void add(Session session) {
        running.add(session);
    }

    /** Ends those that nobody wants any more, and gives the others a token each. */
    void step() {
        for (Session session : List.copyOf(running)) {
            endUnwanted(session);
        }
        if (running.isEmpty()) {
            return;
        }
        List<Session> sessions = List.copyOf(running);
        try {
            decode(sessions);
        } catch (Throwable e) {
            retrySingly(sessions, e);
        }
        for (Session session : sessions) {
            if (running.contains(session)) {
                advance(session);
            }
        }
    }

    private void decode(List<Session> sessions) {
        List<Sequence> sequences = sessions.stream().map(Session::sequence).toList();
        int[] tokens = sessions.stream().mapToInt(Session::lastToken).toArray();
        try (PointerScope scope = new PointerScope()) {
            Tensor logits = model.decode(sequences, tokens); // (B, V)
            for (int row = 0; row < sessions.size(); row++) {
                sessions.get(row).read(logits, row);
            }
        }
    }

    /** A step that failed has left every sequence as it was, so that whoever did not cause it goes on. */
    private void retrySingly(List<Session> sessions, Throwable problem) {
        if (sessions.size() == 1) {
            fail(sessions.get(0), problem);
            return;
        }
        LOG.warn(
                "decoding {} answers at once failed ({}); trying them one by one", sessions.size(), problem.toString());
        for (Session session : sessions) {
            try {
                decode(List.of(session));
            } catch (Throwable e) {
                fail(session, e);
            }
        }
    }

    private void advance(Session session) {
        try {
            if (session.advance()) {
                end(session);
            }
        } catch (Throwable e) {
            fail(session, e);
        }
    }

    private void endUnwanted(Session session) {
        try {
            session.ticket().requireClient();
            if (session.ticket().late()) {
                session.cutOff();
                end(session);
            }
        } catch (Throwable e) {
            fail(session, e);
        }
    }

    /** Ends all. */
    void fail(ServingException problem) {
        for (Session session : List.copyOf(running)) {
            fail(session, problem);
        }
    }

    private void fail(Session session, Throwable problem) {
        running.remove(session);
        fail(session, problem, "generating");
    }

    /** Ends an answer with a problem and gives back what it holds. */
    static void fail(Session session, Throwable problem, String doing) {
        try {
            session.ticket().fail(problem, doing);
        } finally {
            release(session);
        }
    }

    private void end(Session session) {
        running.remove(session);
        release(session);
    }

    /** Gives back what a session holds; a failure there concerns nobody else. */
    static void release(Session session) {
        try {
            session.close();
        } catch (Throwable e) {
            LOG.error("an answer's cache cannot be freed", e);
        }
    }
}
