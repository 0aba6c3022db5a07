package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.remote.Standing.State;
import dev.purekv.console.tuning.TuningForm;
import dev.purekv.server.ServerException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** What is wanted of all endpoints of a group, and how each stands to it. */
@Component
final class Groups {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Endpoints endpoints;
    private final WantedStates states;
    private final Standings standings;
    private final Watch watch;
    private final Tritons tritons;
    private final Audit audit;

    Groups(Endpoints endpoints, WantedStates states, Standings standings, Watch watch, Tritons tritons, Audit audit) {
        this.endpoints = endpoints;
        this.states = states;
        this.standings = standings;
        this.watch = watch;
        this.tritons = tritons;
        this.audit = audit;
    }

    /**
     * A model of a group.
     *
     * @param wanted null where nothing is
     */
    record GroupModel(String name, WantedState wanted, List<Replica> replicas) {
        public boolean applying() {
            return replicas.stream()
                    .anyMatch(each -> each.standing() != null && each.standing().applying());
        }
    }

    /**
     * A model of one endpoint.
     *
     * @param seen null where the endpoint does not list it
     * @param standing null where nothing is wanted, or nobody looked yet
     */
    record Replica(String endpoint, Sight sight, Sight.Seen seen, Standing standing) {}

    /** @return all models that the endpoints of a group list, and those of which something is wanted; by name */
    List<GroupModel> models(String group) {
        List<Endpoint> members = endpoints.ofGroup(group);
        Map<String, WantedState> wanted = new TreeMap<>();
        states.holding().stream()
                .filter(each -> each.group().equals(group))
                .forEach(each -> wanted.put(each.model(), each));
        TreeSet<String> names = new TreeSet<>(wanted.keySet());
        for (Endpoint each : members) {
            Sight sight = standings.sight(each.name());
            if (sight != null) {
                sight.models().forEach(model -> names.add(model.name()));
            }
        }
        List<GroupModel> models = new ArrayList<>();
        for (String name : names) {
            WantedState one = wanted.get(name);
            models.add(new GroupModel(
                    name,
                    one,
                    members.stream().map(each -> replica(each, name, one)).toList()));
        }
        return models;
    }

    private Replica replica(Endpoint endpoint, String model, WantedState wanted) {
        Sight sight = standings.sight(endpoint.name());
        Sight.Seen seen = sight == null
                ? null
                : sight.models().stream()
                        .filter(each -> each.name().equals(model))
                        .reduce((one, other) -> one.serves() ? one : other)
                        .orElse(null);
        return new Replica(endpoint.name(), sight, seen, wanted == null ? null : standings.of(endpoint.name(), wanted));
    }

    /**
     * The parameters that a form begins with: those of the first endpoint that serves the model, with what is wanted in place.
     *
     * @throws ServingException NOT_FOUND where none serves it, UNSUPPORTED where it is none of PureKV's
     */
    Map<String, String> parameters(String group, String model) {
        String why = "no endpoint of the group serves it";
        for (Endpoint each : endpoints.ofGroup(group)) {
            Sight sight = standings.sight(each.name());
            if (sight == null || !sight.serves(model)) {
                continue;
            }
            try {
                ModelConfigJson config =
                        ModelConfigJson.parse(JSON, tritons.of(each).modelConfig(model, ""));
                if (!config.isOurs()) {
                    throw ServingException.unsupported(
                            "'%s' on %s is none of PureKV's models: it has no such settings", model, each.name());
                }
                Map<String, String> settings =
                        states.holding(group, model).map(WantedState::settings).orElse(Map.of());
                return config.with(settings).parameters();
            } catch (ServerException e) {
                why = each.name() + ": " + e.getMessage();
            }
        }
        throw ServingException.notFound("tuning '%s' of group '%s': %s", model, group, why);
    }

    /**
     * Makes a change the wanted state of a group, and begins to bring it to every endpoint.
     *
     * @param seen the id of the wanted state that the person saw; 0 for none
     * @param changes values by name, on top of what is wanted already
     * @throws ServingException INVALID_REQUEST where the backend would refuse them, or where somebody was faster
     */
    synchronized void want(
            String group, String model, long seen, Map<String, String> changes, String actor, String reason) {
        WantedState before = states.holding(group, model).orElse(null);
        if ((before == null ? 0 : before.id()) != seen) {
            throw ServingException.invalid(
                    "what is wanted of '%s' changed while you looked%s: look again, then decide",
                    model, before == null ? "; it was withdrawn" : ", by " + before.actor());
        }
        Map<String, String> wanted = new TreeMap<>(before == null ? Map.of() : before.settings());
        wanted.putAll(changes);
        begin(group, model, wanted, actor, reason);
    }

    /** Makes an earlier state the wanted one again. */
    synchronized void wantAgain(String group, long id, String actor) {
        WantedState earlier = states.history(group).stream()
                .filter(each -> each.id() == id)
                .findFirst()
                .orElseThrow(() -> ServingException.notFound("group '%s' has no state %d", group, id));
        begin(group, earlier.model(), earlier.settings(), actor, "back to state " + id);
    }

    private void begin(String group, String model, Map<String, String> settings, String actor, String reason) {
        Map<String, String> judged = new TreeMap<>(parameters(group, model));
        settings.forEach((name, value) -> {
            if (value.isEmpty()) {
                judged.remove(name);
            } else {
                judged.put(name, value);
            }
        });
        TuningForm.judge(judged);
        WantedState wanted = states.want(group, model, settings, actor, reason);
        audit.doneBy(actor, "want", group + "/" + model, String.join("; ", wanted.lines()));
        for (Endpoint each : endpoints.ofGroup(group)) {
            standings.put(each.name(), wanted, Standing.of(wanted, State.APPLYING, "", Instant.now()));
            watch.visitNow(each, actor);
        }
    }

    /** Ends what is wanted of a model; what its endpoints have stays until they unload it or start again. */
    synchronized boolean withdraw(String group, String model, String actor) {
        boolean was = states.withdraw(group, model, actor);
        if (was) {
            audit.doneBy(actor, "withdraw", group + "/" + model, "");
        }
        return was;
    }
}
