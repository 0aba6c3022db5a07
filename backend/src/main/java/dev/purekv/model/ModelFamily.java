package dev.purekv.model;

import dev.purekv.ServingException;
import dev.purekv.settings.ModelSettings;
import java.nio.file.Path;

public enum ModelFamily {
    ;

    public static LoadedModel open(Path checkpoint, ModelSettings settings) {
        throw ServingException.unsupported("no model family yet");
    }
}
