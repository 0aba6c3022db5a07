package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static dev.purekv.triton.ServerApi.text;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.model.CheckpointRegistry;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelOpener;
import dev.purekv.model.WarmUp;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.LiveRequest;
import dev.purekv.server.LogSettings;
import dev.purekv.server.ModelNames;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import dev.purekv.server.Tracing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Error;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Message;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Metrics;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Parameter;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Triton server inside this JVM: libtritonserver with the purekv backend attached. Several may follow one another in a
 * process; a stopped one cannot start again.
 *
 * <p>Reference: tritonserver.h, API 1.34.
 */
public final class EmbeddedServer implements InferenceServer {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);

    private final TRITONSERVER_Server server;
    private final Backend backend;
    private final Inferences inferences;
    private final int exitTimeoutSeconds;
    private final LoadCheck loads;
    private final FreshModels fresh = new FreshModels();
    private final Repository repository = new Repository(this);
    private final TritonLog log;
    private volatile boolean stopping;
    private volatile boolean stopped;

    private EmbeddedServer(
            TRITONSERVER_Server server, Backend backend, LoadCheck loads, TritonLog log, int exitTimeoutSeconds) {
        this.server = server;
        this.log = log;
        this.backend = backend;
        this.loads = loads;
        this.inferences = new Inferences(server);
        this.exitTimeoutSeconds = exitTimeoutSeconds;
    }

    /**
     * Starts a server and loads its startup models. One that does not load is not an error: the repository index says why.
     *
     * @throws IllegalStateException when a native library is missing, naming the package to install
     * @throws ServerException when Triton refuses an option or the repository
     */
    public static EmbeddedServer start(EmbeddedServerOptions options) {
        return start(options, new CheckpointRegistry(new WarmUp(ModelFamily::share)));
    }

    static EmbeddedServer start(EmbeddedServerOptions options, ModelOpener opener) {
        Path backends = NativeLibraries.load();
        Backend backend = new Backend(opener);
        BackendApi.attach(backend);
        TRITONSERVER_Server server = new TRITONSERVER_Server(null);
        try (PointerScope scope = new PointerScope();
                ServerOptions triton = ServerOptions.of(options, backends)) {
            check(TRITONSERVER_ServerNew(server, triton.handle()));
            triton.errors(true);
        }
        int exitTimeout = (int) Math.max(1, options.exitTimeout().toSeconds());
        LoadCheck loads = new LoadCheck(options.modelRepository(), opener);
        TritonLog log = new TritonLog(new LogSettings(options.logInfo(), true, true, 0, true));
        EmbeddedServer started = new EmbeddedServer(server, backend, loads, log, exitTimeout);
        started.repository.load(options.startupModels(), options.modelRepository());
        return started;
    }

    @Override
    public boolean live() {
        return ask(answer -> TRITONSERVER_ServerIsLive(server, answer));
    }

    @Override
    public boolean ready() {
        return !stopping && ask(answer -> TRITONSERVER_ServerIsReady(server, answer));
    }

    @Override
    public boolean modelReady(String model, String version) {
        long number = version(version);
        return ask(answer -> TRITONSERVER_ServerModelIsReady(server, text(model), number, answer));
    }

    private boolean ask(Function<BoolPointer, TRITONSERVER_Error> question) {
        if (stopped) {
            return false;
        }
        try (PointerScope scope = new PointerScope()) {
            BoolPointer answer = new BoolPointer(1);
            check(question.apply(answer));
            return answer.get();
        }
    }

    @Override
    public boolean decoupled(String model, String version) {
        requireRunning();
        try (PointerScope scope = new PointerScope()) {
            IntPointer flags = new IntPointer(1);
            check(TRITONSERVER_ServerModelTransactionProperties(server, text(model), version(version), flags, null));
            return (flags.get() & TRITONSERVER_TXN_DECOUPLED) != 0;
        }
    }

    @Override
    public String metadata() {
        return message(message -> TRITONSERVER_ServerMetadata(server, message));
    }

    @Override
    public String modelMetadata(String model, String version) {
        return message(message -> TRITONSERVER_ServerModelMetadata(server, text(model), version(version), message));
    }

    @Override
    public String modelConfig(String model, String version) {
        return message(message -> TRITONSERVER_ServerModelConfig(server, text(model), version(version), 1, message));
    }

    @Override
    public String statistics(String model, String version) {
        return message(message -> TRITONSERVER_ServerModelStatistics(server, text(model), version(version), message));
    }

    @Override
    public String repositoryIndex(boolean readyOnly) {
        int flags = readyOnly ? TRITONSERVER_INDEX_FLAG_READY : 0;
        return message(message -> TRITONSERVER_ServerModelIndex(server, flags, message));
    }

    private String message(Function<TRITONSERVER_Message, TRITONSERVER_Error> question) {
        requireRunning();
        try (PointerScope scope = new PointerScope()) {
            TRITONSERVER_Message message = new TRITONSERVER_Message(null);
            check(question.apply(message));
            return ServerApi.json(message);
        }
    }

    @Override
    public void load(String model, Map<String, Object> parameters) {
        requireRunning();
        ModelNames.requireFolder(model);
        loads.requireParsable(model, parameters);
        if (!repository.isPresent(model)) {
            loadInTriton(model, parameters);
            return;
        }
        try (LoadCheck.Opened held = loads.open(model, parameters)) {
            fresh.awaitSettled(model);
            loadInTriton(model, parameters);
        }
    }

    private void loadInTriton(String model, Map<String, Object> parameters) {
        List<TRITONSERVER_Parameter> made = new ArrayList<>();
        try (PointerScope scope = new PointerScope()) {
            if (parameters.isEmpty()) {
                check(TRITONSERVER_ServerLoadModel(server, text(model)));
                return;
            }
            parameters.forEach((name, value) -> made.add(parameter(name, value)));
            PointerPointer<TRITONSERVER_Parameter> array = new PointerPointer<>(made.size());
            for (int i = 0; i < made.size(); i++) {
                array.put(i, made.get(i));
            }
            // The binding has no other form of several parameters: this name alone follows the locale.
            check(TRITONSERVER_ServerLoadModelWithParameters(server, model, array, made.size()));
        } finally {
            fresh.loaded(model);
            made.forEach(each -> TRITONSERVER_ParameterDelete(each));
        }
    }

    private static TRITONSERVER_Parameter parameter(String name, Object value) {
        TRITONSERVER_Parameter parameter;
        if (value instanceof byte[] bytes) {
            // Triton keeps the pointer, not a copy; the caller's scope holds the bytes until the load is over.
            parameter = TRITONSERVER_ParameterBytesNew(text(name), new BytePointer(bytes), bytes.length);
        } else if (value instanceof String words) {
            parameter = TRITONSERVER_ParameterNew(text(name), TRITONSERVER_PARAMETER_STRING, text(words));
        } else {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "load parameter '" + name + "' must be text or bytes, got "
                            + value.getClass().getSimpleName());
        }
        if (parameter == null) {
            throw new ServerException(ServerException.Status.INVALID_ARG, "load parameter '" + name + "' is refused");
        }
        return parameter;
    }

    @Override
    public void unload(String model, boolean dependents) {
        requireRunning();
        ModelNames.requireFolder(model);
        if (dependents) {
            fresh.awaitAllSettled();
        } else {
            fresh.awaitSettled(model);
        }
        try (PointerScope scope = new PointerScope()) {
            check(
                    dependents
                            ? TRITONSERVER_ServerUnloadModelAndDependents(server, text(model))
                            : TRITONSERVER_ServerUnloadModel(server, text(model)));
        }
    }

    @Override
    public LogSettings logSettings() {
        return log.current();
    }

    @Override
    public void changeLog(LogSettings wanted) {
        requireRunning();
        log.apply(wanted);
    }

    @Override
    public void trace(Tracing tracing) {
        inferences.trace(tracing);
    }

    @Override
    public String metrics() {
        requireRunning();
        try (PointerScope scope = new PointerScope()) {
            TRITONSERVER_Metrics metrics = new TRITONSERVER_Metrics(null);
            check(TRITONSERVER_ServerMetrics(server, metrics));
            try {
                PointerPointer<Pointer> text = new PointerPointer<>(1);
                SizeTPointer length = new SizeTPointer(1);
                check(TRITONSERVER_MetricsFormatted(metrics, TRITONSERVER_METRIC_PROMETHEUS, text, length));
                return ServerApi.utf8(text.get(), length.get());
            } finally {
                check(TRITONSERVER_MetricsDelete(metrics));
            }
        }
    }

    @Override
    public RunningInference infer(InferenceRequest request, ResponseObserver observer) {
        requireRunning();
        if (stopping) {
            throw new ServerException(ServerException.Status.UNAVAILABLE, "the server is stopping: retry in a moment");
        }
        return inferences.start(request, version(request.version()), observer);
    }

    /** How many inferences Triton still holds something of. */
    int outstanding() {
        return inferences.outstanding();
    }

    @Override
    public List<LiveRequest> requests() {
        return backend.requests();
    }

    @Override
    public boolean cancel(LiveRequest request) {
        return backend.cancel(request);
    }

    @Override
    public void drain() {
        stopping = true;
        backend.drain();
    }

    @Override
    public synchronized void close() {
        if (stopped) {
            return;
        }
        // Triton never tells a backend that it stops: what runs is cancelled here, or the stop would wait for it.
        drain();
        inferences.cancelAll();
        // A stop looks once a second whether the models are gone; unloaded before, they already are.
        repository.unloadAll(Duration.ofSeconds(exitTimeoutSeconds));
        stopped = true;
        check(TRITONSERVER_ServerSetExitTimeout(server, exitTimeoutSeconds));
        try {
            check(TRITONSERVER_ServerStop(server));
        } catch (ServerException e) {
            // After a failed reload Triton counts a model that is gone as live and always waits in vain; deleting
            // works.
            LOG.warn("Triton did not stop in {} s: {}", exitTimeoutSeconds, e.getMessage());
        }
        check(TRITONSERVER_ServerDelete(server));
        inferences.close();
    }

    private void requireRunning() {
        if (stopped) {
            throw new ServerException(ServerException.Status.UNAVAILABLE, "the server is stopped");
        }
    }

    private static long version(String version) {
        if (version.isEmpty()) {
            return -1;
        }
        try {
            return Long.parseLong(version);
        } catch (NumberFormatException e) {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "failed to get model version from specified version string '" + version + "'");
        }
    }
}
