package dev.purekv.console.remote;

import dev.purekv.console.words.Words;
import dev.purekv.server.ModelControl;
import dev.purekv.server.ServerException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an endpoint was when somebody last looked.
 *
 * @param problem why nothing, or not all, is known, in words; empty where all is
 * @param reached whether anything answered, be it a refusal
 * @param version of Triton; empty where it is not known
 * @param models by name and version
 */
record Sight(
        Instant at, String problem, boolean reached, boolean live, boolean ready, String version, List<Seen> models) {
    /**
     * A model of an endpoint.
     *
     * @param state Triton's word; UNKNOWN for a model that was never loaded
     * @param reason may be empty
     * @param answered requests
     * @param failed requests
     * @param meanMillis of an answered request; 0 where there is none
     */
    record Seen(
            String name, String version, String state, String reason, long answered, long failed, double meanMillis) {
        public boolean serves() {
            return state.equals("READY");
        }

        public String stateWord() {
            return state.equals("UNKNOWN") ? "not loaded" : state.toLowerCase(java.util.Locale.ROOT);
        }

        public String tone() {
            boolean failed = state.equals("UNAVAILABLE") && !reason.isEmpty() && !reason.equals("unloaded");
            return serves() ? "good" : failed ? "bad" : "warn";
        }

        public String mean() {
            return answered == 0 ? "" : Words.decimal(meanMillis) + " ms";
        }
    }

    static Sight of(ModelControl server, JsonMapper json, Instant now) {
        String version = "";
        boolean live = false;
        boolean ready = false;
        try {
            version = json.readTree(server.metadata()).path("version").asString("");
            live = server.live();
            ready = server.ready();
            JsonNode index = json.readTree(server.repositoryIndex(false));
            return new Sight(
                    now, "", true, live, ready, version, models(index, json.readTree(server.statistics("", ""))));
        } catch (ServerException e) {
            boolean reached = !version.isEmpty() || e.status() != ServerException.Status.UNAVAILABLE;
            return new Sight(now, e.getMessage(), reached, live, ready, version, List.of());
        }
    }

    static Sight blind(String problem, Instant now) {
        return new Sight(now, problem, false, false, false, "", List.of());
    }

    private static List<Seen> models(JsonNode index, JsonNode statistics) {
        Map<String, JsonNode> counted = new HashMap<>();
        for (JsonNode each : statistics.path("model_stats")) {
            counted.put(
                    each.path("name").asString("") + "\n" + each.path("version").asString(""), each);
        }
        List<Seen> models = new ArrayList<>();
        for (JsonNode each : index) {
            String name = each.path("name").asString("");
            String version = each.path("version").asString("");
            JsonNode counts = counted.get(name + "\n" + version);
            JsonNode success = counts == null
                    ? each.path("none")
                    : counts.path("inference_stats").path("success");
            long answered = success.path("count").asLong(0);
            models.add(new Seen(
                    name,
                    version,
                    each.path("state").asString("UNKNOWN"),
                    each.path("reason").asString(""),
                    answered,
                    counts == null
                            ? 0
                            : counts.path("inference_stats")
                                    .path("fail")
                                    .path("count")
                                    .asLong(0),
                    answered == 0 ? 0 : success.path("ns").asLong(0) / 1e6 / answered));
        }
        return List.copyOf(models);
    }

    boolean serves(String model) {
        return models.stream().anyMatch(each -> each.name().equals(model) && each.serves());
    }

    public long serving() {
        return models.stream().filter(Seen::serves).count();
    }

    public String word() {
        if (!reached) {
            return "not reached";
        }
        if (!problem.isEmpty()) {
            return "answers, and refuses";
        }
        return ready ? "ready" : live ? "live, not ready" : "not live";
    }

    public String tone() {
        return !reached ? "bad" : ready && problem.isEmpty() ? "good" : "warn";
    }
}
