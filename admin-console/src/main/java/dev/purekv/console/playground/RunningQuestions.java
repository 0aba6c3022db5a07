package dev.purekv.console.playground;

import dev.purekv.ServingException;
import dev.purekv.server.RunningInference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** The playground's answers under way, so that whoever asked can cancel them, and nobody else. */
@Component
final class RunningQuestions {
    private static final int MOST = 8;

    private record Asked(String person, String id) {}

    private final Map<Asked, RunningInference> running = new ConcurrentHashMap<>();

    /** @throws ServingException OUT_OF_CAPACITY when as many are under way as the console's threads can bear */
    void requireRoom() {
        if (running.size() >= MOST) {
            throw ServingException.outOfCapacity(
                    "%d answers are under way in the playground: wait for one of them to end", MOST);
        }
    }

    void began(String person, String id, RunningInference inference) {
        running.put(new Asked(person, id), inference);
    }

    void ended(String person, String id) {
        running.remove(new Asked(person, id));
    }

    /** @return whether there was something to cancel */
    boolean cancel(String person, String id) {
        RunningInference inference = running.get(new Asked(person, id));
        if (inference != null) {
            inference.cancel();
        }
        return inference != null;
    }
}
