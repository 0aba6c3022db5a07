package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.tensors.InputForm;
import dev.purekv.server.TensorData;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the elements that an infer request has in its JSON, in a second pass, when their datatypes are known. */
final class InferDataReader {
    private final JsonParser parser;
    private final List<TensorHead> heads;
    private final TensorData[] tensors;

    private InferDataReader(JsonParser parser, List<TensorHead> heads) {
        this.parser = parser;
        this.heads = heads;
        this.tensors = new TensorData[heads.size()];
    }

    /**
     * @param body well formed, as {@link InferHeadReader} has seen
     * @return by input; null for those whose elements are not in the JSON
     */
    static TensorData[] read(byte[] body, List<TensorHead> heads, RequestJson json) {
        try (JsonParser parser = json.parser(body)) {
            return new InferDataReader(parser, heads).request();
        }
    }

    private TensorData[] request() {
        parser.nextToken();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            if (key.equals("inputs")) {
                for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
                    input(i);
                }
            } else {
                parser.skipChildren();
            }
        }
        return tensors;
    }

    private void input(int index) {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            if (key.equals("data")) {
                tensors[index] = data(heads.get(index).form());
            } else {
                parser.skipChildren();
            }
        }
    }

    /** Flat, or nested by rows: only the order of the elements counts, as in Triton. */
    private TensorData data(InputForm input) {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw Refusal.invalid("input '" + input.name() + "': 'data' must be an array, got "
                    + JsonScalars.words(parser.currentToken()));
        }
        TensorBuilder tensor = new TensorBuilder(input.name(), input.type().name());
        int depth = 1;
        while (depth > 0) {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else {
                tensor.add(parser);
            }
        }
        input.requireElements(tensor.elements());
        return tensor.build(input.shape());
    }
}
