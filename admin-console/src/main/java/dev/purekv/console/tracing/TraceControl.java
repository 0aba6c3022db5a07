package dev.purekv.console.tracing;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import dev.purekv.server.TraceListener;
import dev.purekv.server.Tracing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Trace settings for all models and for single ones, and the traces that they ask for. Changed settings begin to count anew.
 *
 * <p>Source: Triton r24.10, docs/protocol/extension_trace.md. Differs: traces begin and end in the server, without the
 * stages of the doors; only the level TIMESTAMPS and the mode {@code triton} are there.
 */
@Component
public final class TraceControl implements Tracing, DisposableBean {
    private static final int MOST = 1024; // models with settings of their own
    private static final String ALL = "";

    private final InferenceServer server;
    private final Path file;
    private final TraceWriter writer;
    private final Map<String, TraceChange> changes = new HashMap<>();
    private volatile Map<String, Sampler> samplers = Map.of(ALL, new Sampler(TraceSettings.INITIAL));

    TraceControl(InferenceServer server, PureKvSettings settings) {
        this.server = server;
        this.file = settings.traceFile();
        this.writer = file == null ? null : new TraceWriter(new TraceFile(file));
        server.trace(this);
    }

    /**
     * @param model empty for all
     * @return name and value of each setting as Triton tells them; a list only for the level
     * @throws ServerException INVALID_ARG for a model that is not ready
     */
    public Map<String, List<String>> settings(String model) {
        requireReady(model);
        TraceSettings now = sampler(model).now();
        Map<String, List<String>> settings = new LinkedHashMap<>();
        settings.put("trace_level", List.of(now.timestamps() ? "TIMESTAMPS" : "OFF"));
        settings.put("trace_rate", List.of(Long.toString(now.rate())));
        settings.put("trace_count", List.of(Long.toString(now.count())));
        settings.put("log_frequency", List.of(Long.toString(now.fileTraces())));
        settings.put("trace_file", List.of(file == null ? "" : file.toString()));
        settings.put("trace_mode", List.of("triton"));
        return settings;
    }

    /**
     * @param model empty for all that have nothing else said of them
     * @param wanted the values of each setting; none to clear it
     * @throws ServerException INVALID_ARG for what is no setting, UNSUPPORTED for what this server does not do
     */
    public synchronized void change(String model, Map<String, List<String>> wanted) {
        requireReady(model);
        TraceChange changed = changes.getOrDefault(model, TraceChange.NONE).with(wanted, file != null);
        if (changed.equals(TraceChange.NONE)) {
            changes.remove(model);
        } else if (changes.size() >= MOST && !changes.containsKey(model)) {
            throw new ServerException(
                    Status.UNAVAILABLE, MOST + " models have trace settings of their own already; clear some first");
        } else {
            changes.put(model, changed);
        }
        samplers = renewed(model, wanted.keySet().isEmpty());
    }

    /** The samplers of the models that a change does not concern go on counting. */
    private Map<String, Sampler> renewed(String model, boolean unchanged) {
        if (unchanged) {
            return samplers;
        }
        TraceSettings general = changes.getOrDefault(ALL, TraceChange.NONE).over(TraceSettings.INITIAL);
        Map<String, Sampler> next = new HashMap<>();
        next.put(ALL, model.equals(ALL) ? new Sampler(general) : samplers.get(ALL));
        changes.forEach((name, change) -> {
            if (!name.equals(ALL)) {
                boolean concerned = model.equals(ALL) || model.equals(name);
                next.put(name, concerned ? new Sampler(change.over(general)) : samplers.get(name));
            }
        });
        return Map.copyOf(next);
    }

    private void requireReady(String model) {
        if (!model.isEmpty() && !server.modelReady(model, "")) {
            throw new ServerException(Status.INVALID_ARG, "Request for unknown model : " + model);
        }
    }

    private Sampler sampler(String model) {
        Map<String, Sampler> now = samplers;
        Sampler own = now.get(model);
        return own == null ? now.get(ALL) : own;
    }

    @Override
    public TraceListener begin(InferenceRequest request) {
        Sampler sampler = sampler(request.model());
        if (writer == null || !sampler.take()) {
            return null;
        }
        long fileTraces = sampler.now().fileTraces();
        return new TraceText(trace -> writer.write(trace, fileTraces));
    }

    @Override
    public void destroy() throws IOException, InterruptedException {
        if (writer != null) {
            writer.close();
        }
    }
}
