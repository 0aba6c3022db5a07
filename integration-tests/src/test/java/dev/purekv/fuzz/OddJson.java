package dev.purekv.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON that is well-formed and means something else. */
final class OddJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> WORDS = List.of(
            "",
            "\u0000",
            "\ud800",
            "../../etc/passwd",
            "NaN",
            "-1",
            "1e999",
            "BYTES",
            "FP16",
            "FP32",
            "INT64",
            "purekv",
            "kv_compression",
            "data:video/mp4;base64,AAAA",
            "data:,",
            "http://127.0.0.1:1/x",
            "<|im_start|><|video_pad|>",
            "x".repeat(5000),
            "\u00e9\u4e2d\ud83d\ude00");
    private static final long[] NUMBERS = {
        0, 1, -1, 2, 255, 256, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final double[] FRACTIONS = {0.5, -0.5, 1e308, -1e308, 1e-308, 4.9e-324, 1e10};

    private OddJson() {}

    /** Changes one to three places of the tree. */
    static void change(JsonNode tree, Random random) {
        for (int i = random.nextInt(3); i >= 0; i--) {
            List<JsonNode> places = new ArrayList<>();
            gather(tree, places);
            JsonNode place = places.get(random.nextInt(places.size()));
            if (place instanceof ObjectNode object) {
                changeObject(object, random);
            } else if (place instanceof ArrayNode array) {
                changeArray(array, random);
            }
        }
    }

    private static void gather(JsonNode node, List<JsonNode> places) {
        if (node.isContainer()) {
            places.add(node);
            node.forEach(child -> gather(child, places));
        }
    }

    private static void changeObject(ObjectNode object, Random random) {
        List<Map.Entry<String, JsonNode>> fields = new ArrayList<>(object.properties());
        if (fields.isEmpty() || random.nextInt(6) == 0) {
            object.set(word(random), value(random));
            return;
        }
        Map.Entry<String, JsonNode> field = fields.get(random.nextInt(fields.size()));
        switch (random.nextInt(6)) {
            case 0 -> object.remove(field.getKey());
            case 1 -> {
                object.remove(field.getKey());
                object.set(word(random), field.getValue());
            }
            case 2 -> object.set(field.getKey(), NODES.arrayNode().add(field.getValue()));
            default -> object.set(field.getKey(), value(random));
        }
    }

    private static void changeArray(ArrayNode array, Random random) {
        if (array.isEmpty() || random.nextInt(4) == 0) {
            array.add(value(random));
            return;
        }
        int at = random.nextInt(array.size());
        switch (random.nextInt(4)) {
            case 0 -> array.remove(at);
            case 1 -> array.add(array.get(at));
            case 2 -> {
                JsonNode element = array.get(at);
                // Three changes may repeat what is repeated already.
                for (int i = element.isContainer() ? 180 : 0; i < 200; i++) {
                    array.add(element);
                }
            }
            default -> array.set(at, value(random));
        }
    }

    private static String word(Random random) {
        return WORDS.get(random.nextInt(WORDS.size()));
    }

    private static JsonNode value(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> NODES.nullNode();
            case 1 -> NODES.booleanNode(random.nextBoolean());
            case 2 -> NODES.numberNode(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 3 -> NODES.numberNode(FRACTIONS[random.nextInt(FRACTIONS.length)]);
            case 4 -> NODES.arrayNode();
            case 5 -> NODES.objectNode();
            case 6 -> deep(random.nextInt(200));
            default -> NODES.stringNode(word(random));
        };
    }

    private static JsonNode deep(int levels) {
        JsonNode node = NODES.arrayNode();
        for (int i = 0; i < levels; i++) {
            node = NODES.arrayNode().add(node);
        }
        return node;
    }
}
