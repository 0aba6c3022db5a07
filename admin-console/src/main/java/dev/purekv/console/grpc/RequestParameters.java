package dev.purekv.console.grpc;

import dev.purekv.server.Scheduling;
import dev.purekv.server.ServerException;
import inference.GrpcService.InferParameter;
import inference.GrpcService.InferParameter.ParameterChoiceCase;
import java.util.HashMap;
import java.util.Map;

/**
 * The parameters of a request: some are for Triton's schedulers, some are Triton's own, the others are the model's.
 *
 * <p>Source: Triton r24.10, src/grpc/infer_handler.cc, SetInferenceRequestMetadata.
 *
 * @param model String, Long, Boolean or Double by name
 * @param emptyFinal whether a stream tells the end of its responses even where the last one has no content
 */
record RequestParameters(Map<String, Object> model, Scheduling scheduling, boolean emptyFinal) {
    private static final String EMPTY_FINAL = "triton_enable_empty_final_response";

    /** @throws ServerException INVALID_ARG for a type that the protocol does not allow there, and for a reserved name */
    static RequestParameters read(Map<String, InferParameter> given) {
        Map<String, InferParameter> rest = new HashMap<>(given);
        Scheduling scheduling = new Scheduling(
                sequence(rest.remove("sequence_id")),
                flag(rest, "sequence_start"),
                flag(rest, "sequence_end"),
                priority(rest.remove("priority")),
                timeout(rest.remove("timeout")));
        boolean emptyFinal = flag(rest, EMPTY_FINAL);
        Map<String, Object> model = new HashMap<>();
        rest.forEach((name, value) -> model.put(name, value(name, value)));
        return new RequestParameters(model, scheduling, emptyFinal);
    }

    private static Object sequence(InferParameter value) {
        if (value == null) {
            return null;
        }
        return switch (value.getParameterChoiceCase()) {
            case INT64_PARAM -> value.getInt64Param();
            case STRING_PARAM -> value.getStringParam();
            default -> throw wrongType("sequence_id", "int64_param or string_param");
        };
    }

    private static boolean flag(Map<String, InferParameter> from, String name) {
        InferParameter value = from.remove(name);
        if (value != null && value.getParameterChoiceCase() != ParameterChoiceCase.BOOL_PARAM) {
            throw wrongType(name, "bool_param");
        }
        return value != null && value.getBoolParam();
    }

    private static long priority(InferParameter value) {
        if (value == null) {
            return 0;
        }
        return switch (value.getParameterChoiceCase()) {
            case INT64_PARAM -> notNegative("priority", value.getInt64Param());
            case UINT64_PARAM -> value.getUint64Param();
            default -> throw wrongType("priority", "int64_param or uint64_param");
        };
    }

    private static long timeout(InferParameter value) {
        if (value == null) {
            return 0;
        }
        if (value.getParameterChoiceCase() != ParameterChoiceCase.INT64_PARAM) {
            throw wrongType("timeout", "int64_param");
        }
        return notNegative("timeout", value.getInt64Param());
    }

    private static long notNegative(String name, long value) {
        if (value < 0) {
            throw Statuses.invalid("invalid value for '" + name + "', expected value >= 0, got " + value);
        }
        return value;
    }

    private static Object value(String name, InferParameter value) {
        if (name.startsWith("triton_")) {
            throw Statuses.invalid(
                    "parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys"
                            + " starting with 'triton_' are allowed: " + EMPTY_FINAL);
        }
        return switch (value.getParameterChoiceCase()) {
            case INT64_PARAM -> value.getInt64Param();
            case UINT64_PARAM -> notNegative(name, value.getUint64Param()); // above 2^63 - 1 it would be another number
            case BOOL_PARAM -> value.getBoolParam();
            case STRING_PARAM -> value.getStringParam();
            case DOUBLE_PARAM -> value.getDoubleParam();
            default -> throw wrongType(name, "int64_param, uint64_param, bool_param, string_param or double_param");
        };
    }

    private static ServerException wrongType(String name, String expected) {
        return Statuses.invalid("invalid value type for '" + name + "' parameter, expected " + expected + ".");
    }
}
