package dev.purekv.model;

import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;

/** Opens a checkpoint folder for sharing. */
@FunctionalInterface
public interface CheckpointOpener {
    /** @throws dev.purekv.ServingException as {@link ModelOpener#open} does */
    SharedCheckpoint open(Path checkpoint, ComputeDevice device);
}
