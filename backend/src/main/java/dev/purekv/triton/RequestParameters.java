package dev.purekv.triton;

import dev.purekv.ServingException;
import java.util.HashMap;
import java.util.Map;

/** The parameters of one request, by name: String, Long, Boolean or Double. */
final class RequestParameters {
    private RequestParameters() {}

    /** @throws ServingException INVALID_REQUEST for a parameter of another type */
    static Map<String, Object> read(long request) {
        Map<String, Object> values = new HashMap<>();
        int count = BackendApi.parameterCount(request);
        for (int i = 0; i < count; i++) {
            String name = BackendApi.text(BackendApi.parameterName(request, i));
            if (name.startsWith("triton_")) {
                continue; // Triton's own, for its front ends
            }
            values.put(
                    name,
                    switch (BackendApi.parameterType(request, i)) {
                        case 0 -> BackendApi.text(BackendApi.parameterText(request, i));
                        case 1 -> BackendApi.parameterLong(request, i);
                        case 2 -> BackendApi.parameterBool(request, i);
                        case 3 -> BackendApi.parameterDouble(request, i);
                        default ->
                            throw ServingException.invalid("parameter '%s' must be a text, number or boolean", name);
                    });
        }
        return values;
    }
}
