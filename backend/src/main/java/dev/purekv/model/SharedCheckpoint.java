package dev.purekv.model;

import dev.purekv.settings.ModelSettings;

/** A checkpoint, opened: all that does not depend on settings, for any number of models on any threads. */
public interface SharedCheckpoint extends AutoCloseable {
    /**
     * Puts it under settings, at once. Their checkpoint and device are not looked at again.
     *
     * @return a model that owns nothing: this checkpoint must be closed after the last use of it
     * @throws dev.purekv.ServingException for settings that this model cannot have
     */
    LoadedModel under(ModelSettings settings);

    @Override
    void close();
}
