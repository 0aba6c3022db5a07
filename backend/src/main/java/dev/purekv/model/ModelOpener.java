package dev.purekv.model;

import dev.purekv.settings.ModelSettings;
import java.nio.file.Path;

/** Opens a checkpoint folder. */
@FunctionalInterface
public interface ModelOpener {
    /**
     * @throws dev.purekv.ServingException UNSUPPORTED for an architecture that is not served, INVALID_REQUEST for a
     *     checkpoint that is broken, both naming the file and what was expected
     */
    LoadedModel open(Path checkpoint, ModelSettings settings);
}
