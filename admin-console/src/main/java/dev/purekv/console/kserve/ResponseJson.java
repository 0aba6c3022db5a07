package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** JSON for clients. */
final class ResponseJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ResponseJson() {}

    /** @return {@code {"error": message}} in UTF-8 */
    static byte[] error(String message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            json.writeStringProperty("error", message);
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /**
     * @return a generate response in UTF-8: names in alphabetical order as Triton writes them, tensors of one element
     *     without their array. Where names clash, Triton's own win over parameters and those over tensors.
     */
    static byte[] generate(InferenceResponse response) {
        Map<String, Object> members = new TreeMap<>();
        response.outputs().forEach(output -> members.put(output.name(), output));
        members.putAll(response.parameters());
        members.put("model_name", response.model());
        members.put("model_version", response.version());
        if (!response.id().isEmpty()) {
            members.put("id", response.id());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            members.forEach((name, value) -> {
                json.writeName(name);
                write(json, value);
            });
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /**
     * @param place where an output's elements go; those in shared memory are not mentioned, as in Triton
     * @return an infer response in UTF-8
     * @throws Refusal 400 for an output whose type JSON cannot carry
     */
    static byte[] infer(InferenceResponse response, Function<TensorData, OutputPlace> place) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            json.writeStartObject();
            if (!response.id().isEmpty()) {
                json.writeStringProperty("id", response.id());
            }
            json.writeStringProperty("model_name", response.model());
            json.writeStringProperty("model_version", response.version());
            if (!response.parameters().isEmpty()) {
                json.writeObjectPropertyStart("parameters");
                new TreeMap<>(response.parameters()).forEach((name, value) -> {
                    json.writeName(name);
                    write(json, value);
                });
                json.writeEndObject();
            }
            json.writeArrayPropertyStart("outputs");
            response.outputs().forEach(output -> tensor(json, output, place.apply(output)));
            json.writeEndArray();
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void tensor(JsonGenerator json, TensorData output, OutputPlace place) {
        json.writeStartObject();
        json.writeStringProperty("name", output.name());
        json.writeStringProperty("datatype", output.datatype());
        json.writeName("shape");
        json.writeArray(output.shape(), 0, output.shape().length);
        if (place == OutputPlace.BINARY) {
            json.writeObjectPropertyStart("parameters");
            json.writeNumberProperty("binary_data_size", output.data().length);
            json.writeEndObject();
        } else if (place == OutputPlace.JSON) {
            if (output.datatype().equals("FP16") || output.datatype().equals("BF16")) {
                throw Refusal.invalid("sending " + output.datatype()
                        + " data via JSON is not supported. Please use the binary data format for output '"
                        + output.name() + "'");
            }
            json.writeArrayPropertyStart("data");
            new TensorElements(output).write(json);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Object value) {
        if (value instanceof TensorData tensor) {
            TensorElements elements = new TensorElements(tensor);
            boolean array = elements.count() != 1;
            if (array) {
                json.writeStartArray();
            }
            elements.write(json);
            if (array) {
                json.writeEndArray();
            }
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof Long number) {
            json.writeNumber(number);
        } else if (value instanceof Double number) {
            TensorElements.writeNumber(json, number);
        } else {
            json.writeString(String.valueOf(value));
        }
    }
}
