package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.console.tensors.Datatype;
import dev.purekv.console.tensors.InputForm;
import dev.purekv.server.Scheduling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads an infer request but the elements of its tensors, which it skips: they cannot be read before their datatype, and JSON
 * has no order. All that it keeps is bounded, however long the body.
 */
final class InferHeadReader {
    private static final int MOST = 1024; // inputs, outputs, parameters of one place
    private static final int DIMENSIONS = 64;

    private final JsonParser parser;

    private InferHeadReader(JsonParser parser) {
        this.parser = parser;
    }

    /** @throws Refusal or a Jackson exception for anything that is no infer request */
    static InferHead read(byte[] body, RequestJson json) {
        try (JsonParser parser = json.parser(body)) {
            return new InferHeadReader(parser).request();
        }
    }

    private InferHead request() {
        requireObject(parser.nextToken(), "the request");
        String id = "";
        Map<String, Object> parameters = Map.of();
        List<TensorHead> inputs = null;
        List<InferHead.Output> outputs = List.of();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "id" -> id = string("'id'");
                case "parameters" -> parameters = parameters();
                case "inputs" -> inputs = list(key, this::input);
                case "outputs" -> outputs = list(key, this::output);
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw malformed("the object is followed by more");
        }
        if (inputs == null) {
            throw malformed("expected 'inputs'");
        }
        InferParameters own = new InferParameters(parameters);
        boolean binary = own.takeFlag("binary_data_output");
        Scheduling scheduling = own.takeScheduling();
        return new InferHead(id, inputs, outputs, own.rest(), scheduling, binary);
    }

    private TensorHead input() {
        String name = null;
        String datatype = null;
        long[] shape = null;
        InferParameters parameters = new InferParameters(Map.of());
        boolean data = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "name" -> name = string("'name' of an input");
                case "datatype" -> datatype = string("'datatype' of an input");
                case "shape" -> shape = shape();
                case "parameters" -> parameters = new InferParameters(parameters());
                default -> {
                    data |= key.equals("data");
                    parser.skipChildren();
                }
            }
        }
        if (name == null || datatype == null || shape == null) {
            throw Refusal.invalid(
                    "input '" + (name == null ? "" : name) + "' needs 'name', 'shape' and 'datatype', and has no '"
                            + (name == null ? "name" : shape == null ? "shape" : "datatype") + "'");
        }
        return new TensorHead(
                new InputForm(name, Datatype.of(datatype, name), shape),
                parameters.takeOptionalCount("binary_data_size"),
                parameters.shared(name),
                data);
    }

    private InferHead.Output output() {
        String name = null;
        InferParameters parameters = new InferParameters(Map.of());
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "name" -> name = string("'name' of an output");
                case "parameters" -> parameters = new InferParameters(parameters());
                default -> parser.skipChildren();
            }
        }
        if (name == null) {
            throw malformed("expected the 'name' of an output");
        }
        Long classes = parameters.takeOptionalCount("classification");
        SharedPart shared = parameters.shared(name);
        if (shared != null && classes != null && classes > 0) {
            throw Refusal.invalid("output '" + name + "' can't set both 'shared_memory_region' and 'classification'");
        }
        return new InferHead.Output(
                name,
                classes == null ? 0 : (int) Math.min(classes, Integer.MAX_VALUE),
                parameters.takeOptionalFlag("binary_data"),
                shared);
    }

    private interface Element<T> {
        T read();
    }

    private <T> List<T> list(String key, Element<T> element) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed("'" + key + "' must be an array, got " + JsonScalars.words(parser.currentToken()));
        }
        List<T> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            requireObject(parser.currentToken(), "an element of '" + key + "'");
            requireRoom(list.size(), MOST, "elements of '" + key + "'");
            list.add(element.read());
        }
        return list;
    }

    private Map<String, Object> parameters() {
        requireObject(parser.currentToken(), "'parameters'");
        Map<String, Object> parameters = new HashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            requireRoom(parameters.size(), MOST, "parameters");
            parameters.put(key, JsonScalars.parameter(parser, key));
        }
        return parameters;
    }

    private long[] shape() {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw malformed("'shape' must be an array, got " + JsonScalars.words(parser.currentToken()));
        }
        List<Long> sizes = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            requireRoom(sizes.size(), DIMENSIONS, "dimensions");
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
                throw malformed("'shape' must hold whole numbers, got " + JsonScalars.words(parser.currentToken()));
            }
            sizes.add(parser.getLongValue());
        }
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private String string(String what) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw malformed(what + " must be a string, got " + JsonScalars.words(parser.currentToken()));
        }
        return parser.getString();
    }

    private static void requireRoom(int held, int most, String what) {
        if (held >= most) {
            throw malformed("at most " + most + " " + what + " are allowed");
        }
    }

    private static void requireObject(JsonToken token, String what) {
        if (token != JsonToken.START_OBJECT) {
            throw malformed(what + " must be an object, got " + (token == null ? "nothing" : JsonScalars.words(token)));
        }
    }

    private static Refusal malformed(String what) {
        return Refusal.invalid("failed to parse the request JSON buffer: " + what);
    }
}
