package dev.purekv.console.kserve;

import dev.purekv.console.audit.DoorAudit;
import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.logging.LogControl;
import dev.purekv.console.tracing.TraceControl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The settings of log and trace as JSON. Source: Triton r24.10, src/http_server.cc, HandleLogging and HandleTrace. */
@Component
final class SettingsPaths {
    private final LogControl log;
    private final TraceControl trace;
    private final RequestJson json;
    private final DoorAudit audit;

    SettingsPaths(LogControl log, TraceControl trace, RequestJson json, DoorAudit audit) {
        this.log = log;
        this.trace = trace;
        this.json = json;
        this.audit = audit;
    }

    String log() {
        return json.mapper().writeValueAsString(log.settings());
    }

    /** @return what the settings are then */
    String changeLog(ChunkStream body, Program who) {
        Map<String, Object> wanted = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.tree(body).properties()) {
            if (!entry.getValue().isNull()) { // null leaves a setting as it is
                wanted.put(entry.getKey(), logValue(entry.getValue()));
            }
        }
        audit.change(who, "log settings", "", wanted + " over HTTP", () -> log.change(wanted));
        return log();
    }

    private static Object logValue(JsonNode value) {
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.asLong();
        }
        return value.isString() ? value.asString() : value;
    }

    /** @param model empty for all */
    String trace(String model) {
        ObjectNode settings = json.mapper().createObjectNode();
        trace.settings(model).forEach((name, values) -> {
            if (name.equals("trace_level")) {
                values.forEach(settings.putArray(name)::add);
            } else {
                settings.put(name, values.get(0));
            }
        });
        return settings.toString();
    }

    /** @return what the settings are then */
    String changeTrace(String model, ChunkStream body, Program who) {
        Map<String, List<String>> wanted = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : json.tree(body).properties()) {
            wanted.put(entry.getKey(), traceValues(entry.getKey(), entry.getValue()));
        }
        audit.change(who, "trace settings", model, wanted + " over HTTP", () -> trace.change(model, wanted));
        return trace(model);
    }

    /** Triton takes numbers as strings alone; here they may be numbers. */
    private static List<String> traceValues(String name, JsonNode value) {
        if (value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            return List.of(traceValue(name, value));
        }
        List<String> values = new ArrayList<>();
        value.forEach(each -> values.add(traceValue(name, each)));
        return values;
    }

    private static String traceValue(String name, JsonNode value) {
        if (value.isString() || value.isIntegralNumber()) {
            return value.asString();
        }
        throw Refusal.invalid(
                "trace setting '" + name + "': expected a string, a list of strings or null, got " + value);
    }
}
