package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.sharedmemory.Region;
import dev.purekv.console.sharedmemory.SharedMemory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Registers shared memory and tells of it. That of CUDA is not supported: none can be registered, so none is there; asking for
 * all of it and unregistering all of it work, for clients do so before anything else.
 */
@Component
final class SharedMemoryPaths {
    private final SharedMemory memory;
    private final RequestJson json;

    SharedMemoryPaths(SharedMemory memory, RequestJson json) {
        this.memory = memory;
        this.json = json;
    }

    /** @return a JSON array of the one region that the path names, or of all */
    String status(Target target) {
        ArrayNode regions = json.mapper().createArrayNode();
        if (target.operation() == Operation.CUDA_STATUS) {
            requireAll(target);
            return regions.toString();
        }
        for (Region region : memory.status(target.region())) {
            regions.addObject()
                    .put("name", region.name())
                    .put("key", region.key())
                    .put("offset", region.offset())
                    .put("byte_size", region.bytes());
        }
        return regions.toString();
    }

    void change(Target target, ChunkStream body) {
        switch (target.operation()) {
            case SHARED_REGISTER -> register(target.region(), json.tree(body));
            case SHARED_UNREGISTER -> {
                if (target.region().isEmpty()) {
                    memory.unregisterAll();
                } else {
                    memory.unregister(target.region());
                }
            }
            case CUDA_UNREGISTER -> requireAll(target);
            default -> throw noCuda();
        }
    }

    private void register(String region, JsonNode request) {
        if (region.isEmpty()) {
            throw Refusal.invalid("'region name' is necessary to register system shared memory region: expected"
                    + " /v2/systemsharedmemory/region/<name>/register");
        }
        JsonNode key = request.path("key");
        if (!key.isString()) {
            throw Refusal.invalid("shared memory region '" + region
                    + "': expected a string as 'key', the name that the client gave to shm_open");
        }
        JsonNode bytes = request.path("byte_size");
        if (bytes.isMissingNode()) {
            throw Refusal.invalid("shared memory region '" + region + "': expected 'byte_size'");
        }
        long offset = request.has("offset") ? count(region, "offset", request.path("offset")) : 0;
        memory.register(new Region(region, key.asString(), offset, count(region, "byte_size", bytes)));
    }

    private static long count(String region, String name, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
            throw Refusal.invalid("shared memory region '" + region + "': '" + name
                    + "' must be a whole number from 0 to 2^63 - 1, got " + value);
        }
        return value.asLong();
    }

    private static void requireAll(Target target) {
        if (!target.region().isEmpty()) {
            throw noCuda();
        }
    }

    private static Refusal noCuda() {
        return new Refusal(501, "CUDA shared memory is not supported; use system shared memory or send the data");
    }
}
