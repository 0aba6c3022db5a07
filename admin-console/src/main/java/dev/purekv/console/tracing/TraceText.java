package dev.purekv.console.tracing;

import dev.purekv.server.TraceEvent;
import dev.purekv.server.TraceListener;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Gathers one trace as Triton's trace files have it: for each request one object that describes it and one for each of its
 * timestamps, all in one flat list.
 *
 * <p>Source: Triton r24.10, docs/user_guide/trace.md and src/tracer.cc, TraceActivity.
 */
final class TraceText implements TraceListener {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Consumer<String> written;
    private final Map<Long, StringBuilder> requests = new LinkedHashMap<>();

    /** @param written takes the elements of the list, with commas between them; not called for a trace without events */
    TraceText(Consumer<String> written) {
        this.written = written;
    }

    @Override
    public synchronized void reached(TraceEvent event) {
        StringBuilder text = requests.computeIfAbsent(event.id(), id -> new StringBuilder(describe(event)));
        ObjectNode stamp = JSON.createObjectNode().put("id", event.id());
        stamp.putArray("timestamps").addObject().put("name", event.activity()).put("ns", event.nanoseconds());
        text.append(',').append(stamp);
    }

    private static String describe(TraceEvent event) {
        ObjectNode head = JSON.createObjectNode()
                .put("id", event.id())
                .put("model_name", event.model())
                .put("model_version", event.version());
        if (!event.request().isEmpty()) {
            head.put("request_id", event.request());
        }
        if (event.parent() != 0) {
            head.put("parent_id", event.parent());
        }
        return head.toString();
    }

    @Override
    public synchronized void ended() {
        if (!requests.isEmpty()) {
            written.accept(String.join(",", requests.values()));
        }
    }
}
