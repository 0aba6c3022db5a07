package dev.purekv.console.models;

import dev.purekv.ServingException;
import dev.purekv.console.config.ConfigFiles;
import dev.purekv.console.loads.Loads;
import dev.purekv.server.InferenceServer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The models of the server's repository, as they are now. */
@Component
public final class Models {
    private final InferenceServer server;
    private final ConfigFiles files;
    private final LoadJobs jobs;
    private final Loads loads;
    private final JsonMapper json;

    Models(InferenceServer server, ConfigFiles files, LoadJobs jobs, Loads loads, JsonMapper json) {
        this.server = server;
        this.files = files;
        this.jobs = jobs;
        this.loads = loads;
        this.json = json;
    }

    /** @return by name and version */
    public List<ModelRow> all() {
        Figures figures = new Figures(server.metrics());
        List<ModelRow> rows = new ArrayList<>();
        for (JsonNode model : json.readTree(server.repositoryIndex(false))) {
            rows.add(row(model, figures));
        }
        loads.failed().stream()
                .filter(name -> rows.stream().noneMatch(row -> row.name().equals(name)) && files.hold(name))
                .map(name -> row(lost(name), figures))
                .forEach(rows::add);
        rows.sort(Comparator.comparing(ModelRow::name).thenComparing(ModelRow::version));
        return rows;
    }

    /**
     * @return the newest version of a model that is ready, else the newest
     * @throws ServingException NOT_FOUND for a name that the repository does not list
     */
    public ModelRow one(String name) {
        return all().stream()
                .filter(each -> each.name().equals(name))
                .max(Comparator.comparing(ModelRow::ready).thenComparing(ModelRow::version))
                .orElseThrow(() -> ServingException.notFound("the repository has no model '%s'", name));
    }

    /** Triton's index forgets a model that has no version folder once its load has failed. */
    private JsonNode lost(String name) {
        return json.createObjectNode().put("name", name).put("state", "UNAVAILABLE");
    }

    private ModelRow row(JsonNode model, Figures figures) {
        String name = model.path("name").asString("");
        String version = model.path("version").asString("");
        String state = model.path("state").asString("UNKNOWN");
        LoadJob job = jobs.latest(name);
        String reason = model.path("reason").asString("");
        if (reason.isEmpty() || reason.equals("unloaded")) {
            boolean stays = job != null && job.failed() && job.action().equals("unload");
            reason = loads.failure(name).orElse(stays ? job.failure() : reason);
        }
        String[] cut = cut(name);
        return new ModelRow(name, version, state, reason, cut[0], cut[1], figures.of(name, version), job);
    }

    /** @return policy and ratio, empty for what has no readable file of ours */
    private String[] cut(String name) {
        try {
            String text = files.read(name).text();
            Map<String, String> values = files.read(name).parameters();
            if (!text.contains("purekv")) {
                return new String[] {"", ""};
            }
            return new String[] {
                values.getOrDefault("kv_policy", "purekv"), values.getOrDefault("compression_ratio", "1")
            };
        } catch (ServingException unreadable) {
            return new String[] {"", ""};
        }
    }
}
