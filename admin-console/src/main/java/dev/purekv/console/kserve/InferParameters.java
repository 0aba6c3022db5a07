package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.server.Scheduling;
import java.util.HashMap;
import java.util.Map;

/**
 * The parameters of an infer request: some are Triton's own, the others the model's. Source: Triton's
 * extension_parameters.md, extension_sequence.md, extension_schedule_policy.md and extension_binary_data.md.
 */
final class InferParameters {
    private static final String EMPTY_FINAL = "triton_enable_empty_final_response";

    private final Map<String, Object> values;

    /** @param values String, Long, Boolean or Double by name */
    InferParameters(Map<String, Object> values) {
        this.values = new HashMap<>(values);
    }

    /** Takes what is meant for schedulers. */
    Scheduling takeScheduling() {
        Object sequence = values.remove("sequence_id");
        if (sequence != null && !(sequence instanceof Long) && !(sequence instanceof String)) {
            throw Refusal.invalid("parameter 'sequence_id' must be a whole number or a string, got " + sequence);
        }
        return new Scheduling(
                sequence,
                takeFlag("sequence_start"),
                takeFlag("sequence_end"),
                takeCount("priority"),
                takeCount("timeout"));
    }

    boolean takeFlag(String name) {
        Boolean flag = takeOptionalFlag(name);
        return flag != null && flag;
    }

    /** @return null when it is absent */
    Boolean takeOptionalFlag(String name) {
        Object value = values.remove(name);
        if (value != null && !(value instanceof Boolean)) {
            throw Refusal.invalid("parameter '" + name + "' must be true or false, got " + value);
        }
        return (Boolean) value;
    }

    private long takeCount(String name) {
        Long count = takeOptionalCount(name);
        return count == null ? 0 : count;
    }

    /** @return null when it is absent */
    Long takeOptionalCount(String name) {
        Object value = values.remove(name);
        if (value != null && !(value instanceof Long number && number >= 0)) {
            throw Refusal.invalid("parameter '" + name + "' must be a whole number of 0 or more, got " + value);
        }
        return (Long) value;
    }

    /** @return where a tensor is in shared memory, or null */
    SharedPart shared(String tensor) {
        return SharedPart.of(tensor, values);
    }

    /** What is left is the model's. */
    Map<String, Object> rest() {
        for (String name : values.keySet()) {
            if (name.equals("headers") || name.startsWith("triton_") && !name.equals(EMPTY_FINAL)) {
                throw Refusal.invalid("parameter '" + name + "' is reserved for Triton: expected another name");
            }
        }
        return values;
    }
}
