package dev.purekv.console.grpc;

import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.console.sharedmemory.Window;
import inference.GrpcService.InferParameter;
import inference.GrpcService.InferParameter.ParameterChoiceCase;
import java.util.Map;

/**
 * The parameters of an input or an output. Source: Triton r24.10, src/grpc/grpc_utils.h, ParseSharedMemoryParams, and
 * grpc_utils.cc, ParseClassificationParams.
 */
final class TensorParameters {
    private static final String REGION = "shared_memory_region";
    private static final String OFFSET = "shared_memory_offset";
    private static final String BYTES = "shared_memory_byte_size";

    private final String tensor;
    private final Map<String, InferParameter> given;

    TensorParameters(String tensor, Map<String, InferParameter> given) {
        this.tensor = tensor;
        this.given = given;
    }

    /** @return the part of shared memory that the tensor is in, for the caller to close; null for none */
    Window window(SharedMemory memory) {
        InferParameter region = given.get(REGION);
        if (region == null) {
            for (String name : new String[] {OFFSET, BYTES}) {
                if (given.containsKey(name)) {
                    throw Statuses.invalid("'" + name + "' can not be specified without '" + REGION
                            + "' parameter for tensor '" + tensor + "'");
                }
            }
            return null;
        }
        require(REGION, region, ParameterChoiceCase.STRING_PARAM, "string_param");
        if (!given.containsKey(BYTES)) {
            throw Statuses.invalid("'" + BYTES + "' must be specified along with '" + REGION
                    + "' parameter for tensor '" + tensor + "'");
        }
        return memory.open(region.getStringParam(), number(OFFSET), number(BYTES));
    }

    /** @return 0 when the tensor itself is wanted */
    int classes() {
        long classes = number("classification");
        if (classes < 0) {
            throw Statuses.invalid("invalid value for 'classification' parameter, expected value >= 0.");
        }
        return (int) Math.min(classes, Integer.MAX_VALUE);
    }

    private long number(String name) {
        InferParameter value = given.get(name);
        if (value == null) {
            return 0;
        }
        require(name, value, ParameterChoiceCase.INT64_PARAM, "int64_param");
        return value.getInt64Param();
    }

    private void require(String name, InferParameter value, ParameterChoiceCase type, String words) {
        if (value.getParameterChoiceCase() != type) {
            throw Statuses.invalid("invalid value type for '" + name + "' parameter for tensor '" + tensor
                    + "', expected " + words + ".");
        }
    }
}
