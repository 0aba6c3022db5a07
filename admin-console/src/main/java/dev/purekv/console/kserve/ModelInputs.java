package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The inputs that a model takes, from its metadata. */
final class ModelInputs {
    private final Map<String, Input> byName;

    private ModelInputs(Map<String, Input> byName) {
        this.byName = byName;
    }

    /**
     * @param datatype KServe's name
     * @param shape with -1 for free dimensions
     */
    record Input(String name, String datatype, List<Long> shape) {
        /**
         * Generate gives a count, not a shape: fixed dimensions take their share, the innermost free one takes what is
         * left, and other free ones are 1.
         */
        long[] shapeFor(long elements) {
            long left = elements;
            for (long dimension : shape) {
                if (dimension > 0 && left % dimension == 0) {
                    left /= dimension;
                } else if (dimension >= 0) {
                    throw noShape();
                }
            }
            long[] result = new long[shape.size()];
            for (int i = result.length - 1; i >= 0; i--) {
                result[i] = shape.get(i);
                if (result[i] < 0) {
                    result[i] = left;
                    left = 1;
                }
            }
            if (left != 1) {
                throw noShape();
            }
            return result;
        }

        private Refusal noShape() {
            return Refusal.invalid("The schema can not convert input '" + name + "' to tensor with proper shape");
        }
    }

    /** @return the input, or null where the model has none of this name */
    Input get(String name) {
        return byName.get(name);
    }

    /** @throws Refusal 400 where the model has none, or several */
    Input single() {
        if (byName.size() != 1) {
            throw Refusal.invalid("a request of raw data alone needs a model with one input, and this one has "
                    + byName.size() + ": send JSON before the data");
        }
        return byName.values().iterator().next();
    }

    static ModelInputs of(String metadata, JsonMapper json) {
        Map<String, Input> inputs = new HashMap<>();
        for (JsonNode input : json.readTree(metadata).path("inputs")) {
            List<Long> shape = new ArrayList<>();
            input.path("shape").forEach(dimension -> shape.add(dimension.asLong()));
            String name = input.path("name").asString("");
            inputs.put(name, new Input(name, input.path("datatype").asString(""), List.copyOf(shape)));
        }
        return new ModelInputs(inputs);
    }
}
