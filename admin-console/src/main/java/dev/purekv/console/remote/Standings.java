package dev.purekv.console.remote;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** What was last seen of each endpoint, and how it stands to what is wanted. In memory: the next look tells it anew. */
@Component
final class Standings {
    private final Map<String, Sight> sights = new ConcurrentHashMap<>();
    private final Map<Place, Standing> standings = new ConcurrentHashMap<>();

    private record Place(String endpoint, String model) {}

    /** @return null before the first look */
    Sight sight(String endpoint) {
        return sights.get(endpoint);
    }

    void seen(String endpoint, Sight sight) {
        sights.put(endpoint, sight);
    }

    /** @return null where nothing is known about this wanted state */
    Standing of(String endpoint, WantedState wanted) {
        Standing held = standings.get(new Place(endpoint, wanted.model()));
        return held == null || held.wanted() != wanted.id() ? null : held;
    }

    void put(String endpoint, WantedState wanted, Standing standing) {
        standings.put(new Place(endpoint, wanted.model()), standing);
    }

    /** What was seen of an endpoint that is another one now. */
    void forget(String endpoint) {
        sights.remove(endpoint);
        standings.keySet().removeIf(each -> each.endpoint().equals(endpoint));
    }

    void keepOnly(Set<String> endpoints) {
        sights.keySet().retainAll(endpoints);
        standings.keySet().removeIf(each -> !endpoints.contains(each.endpoint()));
    }
}
