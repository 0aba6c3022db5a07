package dev.purekv.console.remote;

import dev.purekv.console.audit.Audit;
import dev.purekv.console.remote.Standing.State;
import dev.purekv.server.ModelControl;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Brings a model of one endpoint to what is wanted of it, by a load with another configuration. That changes no file there: a
 * server that starts again has its file's settings until this comes by.
 */
@Component
final class Reconciler {
    private final Tritons tritons;
    private final Standings standings;
    private final Audit audit;
    private final Clock clock;
    private final JsonMapper json;

    Reconciler(Tritons tritons, Standings standings, Audit audit, Clock clock, JsonMapper json) {
        this.tritons = tritons;
        this.standings = standings;
        this.audit = audit;
        this.clock = clock;
        this.json = json;
    }

    /** @param actor who asked; the audit log names them */
    void settle(Endpoint endpoint, Sight sight, WantedState wanted, String actor) {
        if (!sight.reached()) {
            say(endpoint, wanted, Standing.of(wanted, State.UNREACHABLE, sight.problem(), clock.instant()), actor);
        } else if (!sight.problem().isEmpty()) {
            say(endpoint, wanted, Standing.of(wanted, State.REFUSED, sight.problem(), clock.instant()), actor);
        } else if (!sight.serves(wanted.model())) {
            String words = "the model is not loaded there: load it, and its settings follow";
            say(endpoint, wanted, Standing.of(wanted, State.NOT_SERVED, words, clock.instant()), actor);
        } else {
            compare(endpoint, wanted, actor);
        }
    }

    private void compare(Endpoint endpoint, WantedState wanted, String actor) {
        Standing held = standings.of(endpoint.name(), wanted);
        if (held != null && !held.mayTry(clock.instant())) {
            return;
        }
        try {
            ModelControl server = tritons.of(endpoint);
            ModelConfigJson actual = ModelConfigJson.parse(json, server.modelConfig(wanted.model(), ""));
            if (!actual.isOurs()) {
                throw new ServerException(Status.INVALID_ARG, "its backend is not purekv: it has no such settings");
            }
            List<String> missing = wanted.missing(actual.parameters());
            if (!missing.isEmpty()) {
                bring(endpoint, wanted, server, actual);
            }
            String words = missing.isEmpty() ? "" : String.join("; ", missing);
            if (!missing.isEmpty() || held == null || !held.says(State.APPLIED, held.words())) {
                say(endpoint, wanted, Standing.of(wanted, State.APPLIED, words, clock.instant()), actor);
            }
        } catch (ServerException e) {
            Standing before = held == null ? Standing.of(wanted, State.REFUSED, "", clock.instant()) : held;
            Standing after = e.status() == Status.UNAVAILABLE
                    ? Standing.of(wanted, State.UNREACHABLE, e.getMessage(), clock.instant())
                    : before.refused(e.getMessage(), clock.instant());
            say(endpoint, wanted, after, actor, held);
        }
    }

    private void bring(Endpoint endpoint, WantedState wanted, ModelControl server, ModelConfigJson actual) {
        Standing held = standings.of(endpoint.name(), wanted);
        Standing before = held == null ? Standing.of(wanted, State.APPLYING, "", clock.instant()) : held;
        standings.put(endpoint.name(), wanted, before.applying(clock.instant()));
        String changed = json.writeValueAsString(actual.with(wanted.settings()).root());
        server.load(wanted.model(), Map.of("config", changed));
        List<String> left = wanted.missing(ModelConfigJson.parse(json, server.modelConfig(wanted.model(), ""))
                .parameters());
        if (!left.isEmpty()) {
            throw new ServerException(
                    Status.INTERNAL, "it loaded the model, and still differs: " + String.join("; ", left));
        }
    }

    private void say(Endpoint endpoint, WantedState wanted, Standing standing, String actor) {
        say(endpoint, wanted, standing, actor, standings.of(endpoint.name(), wanted));
    }

    /** The same again is no news: a server that stays away for a night makes one line of the audit log. */
    private void say(Endpoint endpoint, WantedState wanted, Standing standing, String actor, Standing before) {
        boolean same = before != null && before.says(standing.state(), standing.words());
        standings.put(endpoint.name(), wanted, same ? standing.since(before.at()) : standing);
        if (same) {
            return;
        }
        String subject = endpoint.name() + "/" + wanted.model();
        String words = standing.word() + (standing.words().isEmpty() ? "" : ": " + standing.words());
        if (standing.state() == State.APPLIED) {
            audit.doneBy(actor, "bring to wanted", subject, words);
        } else {
            audit.refusedTo(actor, "bring to wanted", subject, words);
        }
    }
}
