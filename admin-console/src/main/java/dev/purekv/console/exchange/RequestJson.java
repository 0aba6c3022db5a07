package dev.purekv.console.exchange;

import java.io.InputStream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON from clients: nesting, names and numbers are bounded, and strings are as long as a body may be. */
public final class RequestJson {
    private static final int LEVELS = 64;
    private static final int NAME_CHARACTERS = 4096;
    private static final int NUMBER_CHARACTERS = 400;

    private final JsonFactory factory;
    private final JsonMapper mapper;

    RequestJson(long maxRequestBytes) {
        factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(LEVELS)
                        .maxNameLength(NAME_CHARACTERS)
                        .maxNumberLength(NUMBER_CHARACTERS)
                        .maxStringLength((int) Math.min(Integer.MAX_VALUE, maxRequestBytes))
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        mapper = JsonMapper.builder(factory).build();
    }

    public JsonParser parser(InputStream body) {
        return factory.createParser(ObjectReadContext.empty(), body);
    }

    public JsonParser parser(byte[] body) {
        return factory.createParser(ObjectReadContext.empty(), body);
    }

    /** @return the tree; an object without members for an empty body */
    public JsonNode tree(ChunkStream body) {
        if (body.bytes() == 0) {
            return mapper.createObjectNode();
        }
        JsonNode tree;
        try (JsonParser parser = mapper.createParser(body)) {
            tree = mapper.readTree(parser);
            if (parser.nextToken() != null) {
                throw Refusal.invalid("failed to parse the request JSON buffer: the value is followed by more");
            }
        }
        if (tree == null || !tree.isObject()) {
            throw Refusal.invalid("failed to parse the request JSON buffer: expected an object");
        }
        return tree;
    }

    public JsonMapper mapper() {
        return mapper;
    }
}
