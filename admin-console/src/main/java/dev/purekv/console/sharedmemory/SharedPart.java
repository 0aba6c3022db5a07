package dev.purekv.console.sharedmemory;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.util.Map;

/**
 * The part of a region that a request names for one of its tensors.
 *
 * <p>Source: Triton's extension_shared_memory.md.
 *
 * @param offset in the region
 */
public record SharedPart(String region, long offset, long bytes) {
    private static final String REGION = "shared_memory_region";
    private static final String OFFSET = "shared_memory_offset";
    private static final String BYTES = "shared_memory_byte_size";

    /**
     * Reads the parameters of an input or an output.
     *
     * @param parameters String, Long, Boolean or Double by name; others than those of shared memory are ignored
     * @return null for a tensor that is not in shared memory
     * @throws ServerException INVALID_ARG for parameters of another type, and for some without the others
     */
    public static SharedPart of(String tensor, Map<String, ?> parameters) {
        Object region = parameters.get(REGION);
        if (region == null) {
            for (String name : new String[] {OFFSET, BYTES}) {
                if (parameters.containsKey(name)) {
                    throw invalid("'" + name + "' can not be specified without '" + REGION + "' parameter for tensor '"
                            + tensor + "'");
                }
            }
            return null;
        }
        if (!(region instanceof String name)) {
            throw wrongType(REGION, tensor, "a string");
        }
        if (!parameters.containsKey(BYTES)) {
            throw invalid("'" + BYTES + "' must be specified along with '" + REGION + "' parameter for tensor '"
                    + tensor + "'");
        }
        return new SharedPart(name, number(OFFSET, tensor, parameters), number(BYTES, tensor, parameters));
    }

    private static long number(String name, String tensor, Map<String, ?> parameters) {
        Object value = parameters.get(name);
        if (value == null) {
            return 0;
        }
        if (!(value instanceof Long number)) {
            throw wrongType(name, tensor, "a whole number of 64 bits");
        }
        return number;
    }

    private static ServerException wrongType(String name, String tensor, String expected) {
        return invalid("invalid value type for '" + name + "' parameter for tensor '" + tensor + "', expected "
                + expected + ".");
    }

    private static ServerException invalid(String message) {
        return new ServerException(Status.INVALID_ARG, message);
    }
}
