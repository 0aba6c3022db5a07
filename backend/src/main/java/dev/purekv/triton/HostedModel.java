package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.engine.Engine;
import dev.purekv.engine.Meters;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelOpener;
import dev.purekv.settings.ModelSettings;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One version of one model while Triton has it loaded: weights and engine. */
final class HostedModel implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostedModel.class);
    private static final int CAPACITY = 256;

    private final LoadedModel loaded;
    private final Engine engine;

    private HostedModel(LoadedModel loaded, Engine engine) {
        this.loaded = loaded;
        this.engine = engine;
    }

    /** @param model Triton's handle, valid until its finalizer */
    static HostedModel open(long model, ModelOpener opener) {
        String name = BackendApi.text(BackendApi.modelName(model));
        long version = BackendApi.modelVersion(model);
        ModelConfig config = ModelConfig.parse(BackendApi.modelConfig(model));
        ModelSettings settings = ModelSettings.read(config.parameters());
        if (BackendApi.modelAutoCompletes(model)) {
            BackendApi.modelSetConfig(model, config.completed().json());
        } else {
            config.requireComplete();
        }
        Path folder = Path.of(BackendApi.text(BackendApi.modelRepository(model)));
        Path checkpoint = CheckpointFolder.find(folder, version, settings.checkpoint());
        long start = System.nanoTime();
        LoadedModel loaded = opener.open(checkpoint, settings);
        try {
            settings.kvFor(Map.of(), loaded.model().layers());
        } catch (ServingException e) {
            loaded.close();
            throw ServingException.invalid("config.pbtxt: %s", e.getMessage());
        }
        LOG.info(
                "model={} version={} checkpoint={} weight_bytes={} loaded_in_ms={}",
                name,
                version,
                checkpoint,
                loaded.model().weightBytes(),
                (System.nanoTime() - start) / 1_000_000);
        return new HostedModel(loaded, new Engine(name, loaded, settings, CAPACITY, Meters.NONE));
    }

    Engine engine() {
        return engine;
    }

    @Override
    public void close() {
        engine.close();
        loaded.close();
    }
}
