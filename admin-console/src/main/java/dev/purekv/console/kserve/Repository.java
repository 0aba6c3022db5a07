package dev.purekv.console.kserve;

import dev.purekv.console.audit.DoorAudit;
import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.loads.Loads;
import dev.purekv.server.InferenceServer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Lists, loads and unloads models. Loads take long, so each has a thread of its own kind, not one of the door's. */
@Component
final class Repository {
    private static final String OVER_HTTP = "over HTTP";

    private final InferenceServer server;
    private final Loads loads;
    private final RequestJson json;
    private final ControlThreads threads;
    private final DoorAudit audit;

    Repository(InferenceServer server, Loads loads, RequestJson json, ControlThreads threads, DoorAudit audit) {
        this.server = server;
        this.loads = loads;
        this.json = json;
        this.threads = threads;
        this.audit = audit;
    }

    void begin(Target target, ChunkStream body, AsyncContext async, Program who) throws IOException {
        JsonNode request = json.tree(body);
        HttpServletResponse response = (HttpServletResponse) async.getResponse();
        switch (target.operation()) {
            case INDEX -> {
                Replies.json(response, server.repositoryIndex(flag(request, "ready")));
                async.complete();
            }
            case LOAD -> {
                Map<String, Object> parameters = loadParameters(request.path("parameters"));
                control(
                        async,
                        () -> audit.change(
                                who, "load", target.model(), OVER_HTTP, () -> loads.load(target.model(), parameters)));
            }
            default -> {
                boolean dependents = flag(request.path("parameters"), "unload_dependents");
                control(
                        async,
                        () -> audit.change(
                                who,
                                "unload",
                                target.model(),
                                OVER_HTTP,
                                () -> loads.unload(target.model(), dependents)));
            }
        }
    }

    private void control(AsyncContext async, Runnable work) {
        threads.execute(() -> {
            try {
                work.run();
            } catch (RuntimeException | OutOfMemoryError e) {
                KserveHandler.finish(async, Refusal.of(e));
                return;
            }
            Replies.empty((HttpServletResponse) async.getResponse(), 200);
            async.complete();
        });
    }

    private static boolean flag(JsonNode object, String name) {
        JsonNode value = object.path(name);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw Refusal.invalid("Invalid value for '" + name + "': expected a boolean");
        }
        return value.asBoolean(false);
    }

    private static Map<String, Object> loadParameters(JsonNode given) {
        if (!given.isMissingNode() && !given.isObject()) {
            throw Refusal.invalid("Invalid value for 'parameters': expected an object");
        }
        Map<String, Object> parameters = new HashMap<>();
        given.properties().forEach(entry -> {
            String name = entry.getKey();
            if (!entry.getValue().isString()) {
                throw Refusal.invalid("load parameter '" + name + "': expected a string");
            }
            String value = entry.getValue().asString();
            if (name.equals("config")) {
                parameters.put(name, value);
            } else if (name.startsWith("file:")) {
                parameters.put(name, decode(name, value));
            } else {
                throw Refusal.invalid("load parameter '" + name + "': expected 'config' or 'file:<path>'");
            }
        });
        return parameters;
    }

    private static byte[] decode(String name, String value) {
        String path = name.substring("file:".length());
        if (path.startsWith("/")
                || path.indexOf('\\') >= 0
                || List.of(path.split("/")).contains("..")) {
            throw Refusal.invalid("load parameter '" + name + "': expected a path inside the model's folder");
        }
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw Refusal.invalid("load parameter '" + name + "': expected base64");
        }
    }
}
