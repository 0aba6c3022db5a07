package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelOpener;
import dev.purekv.server.ServerException;
import dev.purekv.settings.ModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Looks at a load before Triton is asked for it. After a reload that fails in Triton the old version serves on, but Triton keeps
 * a model for ever that it waits for when it stops (core/src/model_repository_manager/model_lifecycle.cc, r24.10).
 */
final class LoadCheck {
    private final Path repository;
    private final ModelOpener opener;

    LoadCheck(Path repository, ModelOpener opener) {
        this.repository = repository;
        this.opener = opener;
    }

    /** What was opened to see whether it can be; Triton's own opening finds it open. */
    record Opened(List<LoadedModel> models) implements AutoCloseable {
        @Override
        public void close() {
            models.forEach(LoadedModel::close);
        }
    }

    /**
     * Requires what Triton would refuse without a reason: that a configuration can be parsed. A model that is not loaded needs no
     * more, for its failure does no harm, and the repository's index keeps the reason.
     *
     * @param parameters of the load
     * @throws ServerException INVALID_ARG
     */
    void requireParsable(String model, Map<String, Object> parameters) {
        try {
            config(model, parameters);
        } catch (ServingException e) {
            throw refusal(model, e);
        }
    }

    /**
     * Opens what the model would be loaded with, as its initializer will.
     *
     * @return to be closed when Triton has loaded the model; nothing for a model that is not ours or whose files are not here
     * @throws ServerException as Triton would, with the same reason
     */
    Opened open(String model, Map<String, Object> parameters) {
        List<LoadedModel> opened = new ArrayList<>();
        try {
            ModelConfig config = config(model, parameters);
            if (config != null && config.isOurs() && config.isStage()) {
                StageModel.check(config);
            } else if (config != null && config.isOurs()) {
                ModelSettings settings = ModelSettings.read(config.parameters());
                config.completed(Signature.GENERATION);
                // Files that come with the load replace the model's folder: where they will lie, Triton alone knows.
                boolean elsewhere = parameters.keySet().stream().anyMatch(each -> each.startsWith("file:"));
                if (!elsewhere) {
                    Path folder = repository.resolve(model);
                    for (long version : config.versions(folder)) {
                        opened.add(HostedModel.openCheckpoint(folder, version, settings, opener));
                    }
                }
            }
            return new Opened(opened);
        } catch (ServingException e) {
            new Opened(opened).close();
            throw refusal(model, e);
        }
    }

    /** @return null when there is none, which Triton says better */
    private ModelConfig config(String model, Map<String, Object> parameters) {
        if (parameters.get("config") instanceof String json) {
            return ModelConfig.parseOverride(json);
        }
        Path file;
        try {
            file = repository.resolve(model).resolve("config.pbtxt");
        } catch (InvalidPathException e) {
            return null;
        }
        if (!file.normalize().startsWith(repository.normalize()) || !Files.isRegularFile(file)) {
            return null;
        }
        try {
            return ModelConfig.parseText(Files.readString(file));
        } catch (IOException e) {
            throw ServingException.invalid("config.pbtxt: %s cannot be read as UTF-8: %s", file, e);
        }
    }

    /** Triton's words and status for a load that failed. */
    private static ServerException refusal(String model, ServingException e) {
        ServerException.Status status = switch (e.code()) {
            case INVALID_REQUEST, NOT_FOUND, UNSUPPORTED -> ServerException.Status.INVALID_ARG;
            default -> Statuses.of(e.code());
        };
        return new ServerException(status, "load failed for model '" + model + "': " + e.getMessage());
    }
}
