package dev.purekv.model;

import dev.purekv.ServingException;
import dev.purekv.checkpoint.CheckpointIdentity;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The checkpoints that are open now, each of them once however many models serve it. A model that is loaded again while the
 * old one still serves finds its weights here; the last model that is closed frees them. Any thread.
 */
public final class CheckpointRegistry implements ModelOpener {
    /** One checkpoint, or the attempt to open it. Its own lock is held while it opens, so that others wait for it alone. */
    private static final class Holding {
        private SharedCheckpoint opened; // by this object's lock
        private int models; // by the registry's lock

        synchronized SharedCheckpoint open(CheckpointIdentity identity, CheckpointOpener opener, ComputeDevice device) {
            if (opened == null) {
                SharedCheckpoint fresh = opener.open(identity.directory(), device);
                if (!identity.stillHolds()) {
                    fresh.close();
                    throw ServingException.invalid(
                            "opening checkpoint %s: its files changed meanwhile: load it again when they are complete",
                            identity.directory());
                }
                opened = fresh;
            }
            return opened;
        }

        synchronized void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }

    private final CheckpointOpener opener;
    private final Map<CheckpointIdentity, Holding> holdings = new HashMap<>();

    public CheckpointRegistry(CheckpointOpener opener) {
        this.opener = opener;
    }

    @Override
    public LoadedModel open(Path checkpoint, ModelSettings settings) {
        ComputeDevice device = new ComputeDevice(settings.device());
        CheckpointIdentity identity = CheckpointIdentity.of(checkpoint, device);
        Holding holding = hold(identity);
        try {
            LoadedModel model = holding.open(identity, opener, device).under(settings);
            AtomicBoolean released = new AtomicBoolean();
            return model.releasedBy(() -> {
                if (!released.getAndSet(true)) {
                    release(identity, holding);
                }
            });
        } catch (RuntimeException | Error e) {
            release(identity, holding);
            throw e;
        }
    }

    private synchronized Holding hold(CheckpointIdentity identity) {
        Holding holding = holdings.computeIfAbsent(identity, absent -> new Holding());
        holding.models++;
        return holding;
    }

    private void release(CheckpointIdentity identity, Holding holding) {
        synchronized (this) {
            if (--holding.models > 0) {
                return;
            }
            holdings.remove(identity);
        }
        holding.close();
    }

    /** How many checkpoints are open. */
    synchronized int size() {
        return holdings.size();
    }
}
