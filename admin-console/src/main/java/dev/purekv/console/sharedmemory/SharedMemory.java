package dev.purekv.console.sharedmemory;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * The regions that clients have registered. Any thread may call; refusals are {@link ServerException}s.
 *
 * <p>Source: Triton's extension_shared_memory.md. Differs: an object that is not there is INVALID_ARG, which Triton calls
 * INTERNAL, and a region in use is UNAVAILABLE to unregister.
 */
@Component
public final class SharedMemory implements DisposableBean {
    private static final Logger LOG = LoggerFactory.getLogger(SharedMemory.class);
    private static final int MOST = 1024; // each is an open file
    private static final String RESERVED = "triton_python_backend_shm_region";

    private final Map<String, Entry> regions = new TreeMap<>();

    /** A region, its open object and how many tensors use it now. */
    static final class Entry {
        private final Region region;
        private final SharedObject object;
        private int users;

        Entry(Region region, SharedObject object) {
            this.region = region;
            this.object = object;
        }

        Region region() {
            return region;
        }

        SharedObject object() {
            return object;
        }

        synchronized void use() {
            users++;
        }

        synchronized void free() {
            users--;
        }

        synchronized boolean used() {
            return users > 0;
        }
    }

    /** @throws ServerException ALREADY_EXISTS for a name that is taken, INVALID_ARG for what is not there or too large */
    public synchronized void register(Region region) {
        if (regions.containsKey(region.name())) {
            throw new ServerException(
                    Status.ALREADY_EXISTS, "shared memory region '" + region.name() + "' already in manager");
        }
        if (region.key().startsWith(RESERVED) || region.key().startsWith("/" + RESERVED)) {
            throw refused(region, "the key's prefix '" + RESERVED + "' is reserved");
        }
        if (regions.size() >= MOST) {
            throw new ServerException(
                    Status.UNAVAILABLE, MOST + " shared memory regions are registered already; unregister some first");
        }
        SharedObject object = SharedObject.open(region.key());
        try {
            requireInside(region, object.bytes());
        } catch (IOException | ServerException e) {
            close(object);
            throw e instanceof ServerException refusal ? refusal : refused(region, e.getMessage());
        }
        regions.put(region.name(), new Entry(region, object));
    }

    private static void requireInside(Region region, long objectBytes) {
        if (region.offset() < 0 || region.bytes() < 0 || region.bytes() > objectBytes - region.offset()) {
            throw refused(
                    region,
                    "invalid args: offset " + Long.toUnsignedString(region.offset()) + " and byte_size "
                            + Long.toUnsignedString(region.bytes()) + " are not inside the " + objectBytes
                            + " bytes of '" + region.key() + "'");
        }
    }

    private static ServerException refused(Region region, String why) {
        return new ServerException(
                Status.INVALID_ARG, "failed to register shared memory region '" + region.name() + "': " + why);
    }

    /**
     * @param name empty for all
     * @throws ServerException NOT_FOUND
     */
    public synchronized List<Region> status(String name) {
        if (name.isEmpty()) {
            return regions.values().stream().map(Entry::region).toList();
        }
        Entry entry = regions.get(name);
        if (entry == null) {
            throw new ServerException(Status.NOT_FOUND, "Unable to find system shared memory region: '" + name + "'");
        }
        return List.of(entry.region());
    }

    /** Harmless for a name that is not registered, as in Triton. */
    public synchronized void unregister(String name) {
        Entry entry = regions.get(name);
        if (entry == null) {
            return;
        }
        if (entry.used()) {
            throw new ServerException(
                    Status.UNAVAILABLE,
                    "Cannot unregister shared memory region '" + name + "', it is currently in use.");
        }
        regions.remove(name);
        close(entry.object());
    }

    /** Unregisters all that it can. */
    public synchronized void unregisterAll() {
        List<String> used = new ArrayList<>();
        for (String name : List.copyOf(regions.keySet())) {
            try {
                unregister(name);
            } catch (ServerException inUse) {
                used.add(name);
            }
        }
        if (!used.isEmpty()) {
            throw new ServerException(
                    Status.UNAVAILABLE,
                    "Failed to unregister the following system shared memory regions: " + String.join(", ", used));
        }
    }

    /**
     * Opens the part of a region that a tensor uses.
     *
     * @throws ServerException NOT_FOUND for the region, INVALID_ARG for a part that is not inside it
     */
    public synchronized Window open(SharedPart part) {
        String name = part.region();
        long offset = part.offset();
        long bytes = part.bytes();
        Entry entry = regions.get(name);
        if (entry == null) {
            throw new ServerException(Status.NOT_FOUND, "Unable to find shared memory region: '" + name + "'");
        }
        long held = entry.region().bytes();
        if (offset < 0 || offset > held) {
            throw new ServerException(
                    Status.INVALID_ARG, "Invalid offset for shared memory region: '" + name + "': " + offset);
        }
        if (bytes < 0 || bytes > held - offset) {
            throw new ServerException(
                    Status.INVALID_ARG,
                    "Invalid offset + byte size for shared memory region: '" + name + "': " + bytes + " bytes at "
                            + offset + " of " + held);
        }
        entry.use();
        return new Window(entry, entry.region().offset() + offset, bytes);
    }

    @Override
    public synchronized void destroy() {
        regions.values().forEach(entry -> close(entry.object()));
        regions.clear();
    }

    private static void close(SharedObject object) {
        try {
            object.close();
        } catch (IOException e) {
            LOG.warn("a shared memory object cannot be closed: {}", e.getMessage());
        }
    }
}
