package dev.purekv.console.remote;

import dev.purekv.server.ServerException;
import java.time.Clock;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** One visit to an endpoint: a look, then what is wanted of its group. */
@Component
final class Visit {
    private final Tritons tritons;
    private final Standings standings;
    private final WantedStates wanted;
    private final Reconciler reconciler;
    private final Clock clock;
    private final JsonMapper json;

    Visit(
            Tritons tritons,
            Standings standings,
            WantedStates wanted,
            Reconciler reconciler,
            Clock clock,
            JsonMapper json) {
        this.tritons = tritons;
        this.standings = standings;
        this.wanted = wanted;
        this.reconciler = reconciler;
        this.clock = clock;
        this.json = json;
    }

    void pay(Endpoint endpoint, String actor) {
        Sight sight = look(endpoint);
        standings.seen(endpoint.name(), sight);
        for (WantedState each : wanted.holding()) {
            if (each.group().equals(endpoint.group())) {
                reconciler.settle(endpoint, sight, each, actor);
            }
        }
    }

    private Sight look(Endpoint endpoint) {
        try {
            return Sight.of(tritons.of(endpoint), json, clock.instant());
        } catch (ServerException keyLost) {
            return Sight.blind(keyLost.getMessage(), clock.instant());
        }
    }
}
