package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.Scheduling;
import dev.purekv.server.TensorData;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a generate request in one pass: a key that is the name of an input becomes a tensor, {@code id} is the request's
 * own, and any other key, also in the nested object {@code parameters}, becomes a request parameter. Source: Triton's
 * extension_generate.md; differs in that {@code id} is no parameter as well, that {@code priority} and {@code timeout} are the
 * server's own, as they are for {@code infer}, and that a key given twice is refused.
 */
final class GenerateParser {
    private final Target target;
    private final ModelInputs inputs;
    private final JsonParser parser;
    private final Map<String, TensorData> tensors = new LinkedHashMap<>();
    private final Map<String, Object> parameters = new HashMap<>();
    private String id = "";

    private GenerateParser(Target target, ModelInputs inputs, JsonParser parser) {
        this.target = target;
        this.inputs = inputs;
        this.parser = parser;
    }

    /** @throws Refusal or a Jackson exception for anything that is no generate request */
    static InferenceRequest parse(Target target, ModelInputs inputs, InputStream body, RequestJson json) {
        try (JsonParser parser = json.parser(body)) {
            return new GenerateParser(target, inputs, parser).request();
        }
    }

    private InferenceRequest request() {
        JsonToken first = parser.nextToken();
        if (first != null) { // an empty body is a request without inputs; the server says which are missing
            if (first != JsonToken.START_OBJECT) {
                throw Refusal.invalid(
                        "failed to parse the request JSON buffer: expected an object, got " + JsonScalars.words(first));
            }
            object(true);
            if (parser.nextToken() != null) {
                throw Refusal.invalid("failed to parse the request JSON buffer: the object is followed by more");
            }
        }
        InferParameters taken = new InferParameters(parameters);
        Scheduling scheduling = taken.takeScheduling();
        return new InferenceRequest(
                target.model(),
                target.version(),
                id,
                List.copyOf(tensors.values()),
                List.of(),
                taken.rest(),
                scheduling);
    }

    private void object(boolean top) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken value = parser.nextToken();
            if (top && key.equals("id")) {
                if (value != JsonToken.VALUE_STRING) {
                    throw Refusal.invalid("Unable to parse 'id': expected a string, got " + JsonScalars.words(value));
                }
                id = parser.getString();
            } else if (top && key.equals("parameters")) {
                nested(key, value);
            } else if (inputs.get(key) != null) {
                tensor(inputs.get(key), value);
            } else if (parameters.put(key, JsonScalars.parameter(parser, key)) != null) {
                throw Refusal.invalid("parameter '" + key + "' is given twice");
            }
        }
    }

    private void nested(String key, JsonToken value) {
        if (inputs.get(key) != null) {
            throw Refusal.invalid("Keyword '" + key + "' for nested schema also given as input tensor name");
        }
        if (value != JsonToken.START_OBJECT) {
            throw Refusal.invalid("Expected JSON object for keyword: '" + key + "', got " + JsonScalars.words(value));
        }
        object(false);
    }

    private void tensor(ModelInputs.Input input, JsonToken value) {
        TensorBuilder tensor = new TensorBuilder(input.name(), input.datatype());
        if (value == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                tensor.add(parser);
            }
        } else {
            tensor.add(parser);
        }
        TensorData data = tensor.build(input.shapeFor(tensor.elements()));
        if (tensors.put(input.name(), data) != null) {
            throw Refusal.invalid("input '" + input.name() + "' is given twice");
        }
    }
}
