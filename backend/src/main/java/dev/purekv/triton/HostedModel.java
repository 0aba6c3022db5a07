package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.cache.KvLedgers;
import dev.purekv.checkpoint.CheckpointFolder;
import dev.purekv.engine.Engine;
import dev.purekv.engine.Meters;
import dev.purekv.engine.OpenRequest;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelOpener;
import dev.purekv.server.LiveRequest;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A vision-language model: weights, engine and metrics. */
final class HostedModel implements ServedModel {
    private static final Logger LOG = LoggerFactory.getLogger(HostedModel.class);

    private final String name;
    private final long version;
    private final LoadedModel loaded;
    private final Engine engine;
    private final Optional<ModelMetrics> metrics;

    private HostedModel(String name, long version, LoadedModel loaded, Engine engine, Optional<ModelMetrics> metrics) {
        this.name = name;
        this.version = version;
        this.loaded = loaded;
        this.engine = engine;
        this.metrics = metrics;
    }

    /** @param model Triton's handle, valid until its finalizer */
    static HostedModel open(
            long model, ModelConfig config, ModelOpener opener, MetricFamilies families, KvLedgers ledgers) {
        String name = BackendApi.text(BackendApi.modelName(model));
        long version = BackendApi.modelVersion(model);
        ModelSettings settings = ModelSettings.read(config.parameters());
        config.settle(model, Signature.GENERATION);
        Path folder = Path.of(BackendApi.text(BackendApi.modelRepository(model)));
        long start = System.nanoTime();
        LoadedModel loaded = openCheckpoint(folder, version, settings, opener);
        LOG.info(
                "model={} version={} weight_bytes={} loaded_in_ms={}",
                name,
                version,
                loaded.model().weightBytes(),
                (System.nanoTime() - start) / 1_000_000);
        reportMemory(model, settings, loaded.model().weightBytes());
        Optional<ModelMetrics> metrics = families.open(name, version);
        Meters meters = metrics.isPresent() ? metrics.get() : Meters.NONE;
        return new HostedModel(name, version, loaded, new Engine(name, loaded, settings, meters, ledgers), metrics);
    }

    /**
     * @param folder of the model
     * @throws ServingException when there is no checkpoint, it cannot be opened, or the settings do not fit it
     */
    static LoadedModel openCheckpoint(Path folder, long version, ModelSettings settings, ModelOpener opener) {
        Path checkpoint = CheckpointFolder.find(folder, version, settings.checkpoint());
        LoadedModel loaded = opener.open(checkpoint, settings);
        try {
            settings.kvFor(Map.of(), loaded.model().layers());
            return loaded;
        } catch (ServingException e) {
            loaded.close();
            throw ServingException.invalid("config.pbtxt: %s", e.getMessage());
        }
    }

    /** Mapped and shared weights count with every model that uses them. */
    private static void reportMemory(long model, ModelSettings settings, long bytes) {
        ComputeDevice device = new ComputeDevice(settings.device());
        MetricApi.modelMemory(model, !device.equals(ComputeDevice.CPU), device.index(), bytes);
    }

    @Override
    public void answer(RequestHandle handle) {
        DecodedRequest decoded = RequestDecoder.decode(handle.request());
        engine.submit(decoded.generation(), new Call(handle, decoded.form()));
    }

    @Override
    public List<LiveRequest> requests() {
        return engine.requests().stream().map(this::live).toList();
    }

    private LiveRequest live(OpenRequest request) {
        return new LiveRequest(
                name,
                version,
                request.number(),
                LiveRequest.Stage.valueOf(request.stage().name()),
                request.ageSeconds(),
                request.promptTokens(),
                request.generatedTokens(),
                request.cacheBytes());
    }

    @Override
    public boolean cancel(long number) {
        return engine.cancel(number);
    }

    @Override
    public void drain() {
        engine.drain();
    }

    @Override
    public void close() {
        engine.close();
        metrics.ifPresent(ModelMetrics::close);
        loaded.close();
    }
}
