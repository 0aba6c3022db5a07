package dev.purekv.console.grpc;

import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.console.sharedmemory.Window;
import inference.GrpcService.InferParameter;
import inference.GrpcService.InferParameter.ParameterChoiceCase;
import java.util.HashMap;
import java.util.Map;

/**
 * The parameters of an input or an output. Source: Triton r24.10, src/grpc/grpc_utils.cc,
 * ParseClassificationParams.
 */
final class TensorParameters {
    private final String tensor;
    private final Map<String, InferParameter> given;

    TensorParameters(String tensor, Map<String, InferParameter> given) {
        this.tensor = tensor;
        this.given = given;
    }

    /** @return the part of shared memory that the tensor is in, for the caller to close; null for none */
    Window window(SharedMemory memory) {
        Map<String, Object> values = new HashMap<>();
        given.forEach((name, value) -> values.put(name, value(value)));
        SharedPart part = SharedPart.of(tensor, values);
        return part == null ? null : memory.open(part);
    }

    private static Object value(InferParameter parameter) {
        return switch (parameter.getParameterChoiceCase()) {
            case STRING_PARAM -> parameter.getStringParam();
            case INT64_PARAM -> parameter.getInt64Param();
            default -> parameter;
        };
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
        if (value.getParameterChoiceCase() != ParameterChoiceCase.INT64_PARAM) {
            throw Statuses.invalid("invalid value type for '" + name + "' parameter for tensor '" + tensor
                    + "', expected int64_param.");
        }
        return value.getInt64Param();
    }
}
