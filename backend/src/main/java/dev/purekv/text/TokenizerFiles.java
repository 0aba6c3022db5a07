package dev.purekv.text;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A checkpoint's tokenizer in the form that is run here, {@code tokenizer.json}. Older checkpoints have their tokenizer in the files
 * of the slow implementations alone: a SentencePiece model, or {@code vocab.json} and {@code merges.txt}. Those are translated.
 *
 * <p>Source: transformers 4.40.0 {@code convert_slow_tokenizer.py}, {@code LlamaConverter} and {@code Qwen2Converter}.
 */
final class TokenizerFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** How Qwen2 cuts text before it merges bytes. */
    private static final String QWEN2_WORDS =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+"
                    + "|\\s+(?!\\S)|\\s+";

    private static final String SPACE = "\u2581";

    private TokenizerFiles() {}

    /** @throws ServingException NOT_FOUND without any of these files, INVALID_REQUEST or UNSUPPORTED for others */
    static JsonNode json(Path checkpoint) {
        Path own = checkpoint.resolve("tokenizer.json");
        Path sentencePiece = checkpoint.resolve("tokenizer.model");
        Path vocabulary = checkpoint.resolve("vocab.json");
        Path merges = checkpoint.resolve("merges.txt");
        if (Files.isRegularFile(own)) {
            return JsonFile.read(own);
        }
        if (Files.isRegularFile(sentencePiece)) {
            return fromSentencePiece(SentencePieceModel.read(sentencePiece), addedTokens(checkpoint));
        }
        if (Files.isRegularFile(vocabulary) && Files.isRegularFile(merges)) {
            return fromBytePairs(checkpoint, JsonFile.read(vocabulary), lines(merges));
        }
        throw ServingException.notFound(
                "opening a checkpoint: expected tokenizer.json, tokenizer.model, or vocab.json and merges.txt in %s, found none; copy "
                        + "the whole checkpoint",
                checkpoint);
    }

    private static List<String> lines(Path merges) {
        return JsonFile.text(merges)
                .orElseThrow()
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#version"))
                .toList();
    }

    private static ObjectNode fromSentencePiece(SentencePieceModel model, ArrayNode added) {
        Map<String, Integer> ids = new HashMap<>();
        for (int i = 0; i < model.pieces().size(); i++) {
            ids.put(model.pieces().get(i).text(), i);
        }
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.set("added_tokens", added.isEmpty() ? firstThree(model) : added);
        ArrayNode normalizers =
                root.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
        normalizers.addObject().put("type", "Prepend").put("prepend", SPACE);
        replace(normalizers.addObject(), " ", SPACE);
        ArrayNode decoders = root.putObject("decoder").put("type", "Sequence").putArray("decoders");
        replace(decoders.addObject(), SPACE, " ");
        decoders.addObject().put("type", "ByteFallback");
        decoders.addObject().put("type", "Fuse");
        decoders.addObject()
                .put("type", "Strip")
                .put("content", " ")
                .put("start", 1)
                .put("stop", 0);
        ObjectNode bpe = root.putObject("model")
                .put("type", "BPE")
                .put("unk_token", model.pieces().get(0).text())
                .put("fuse_unk", true)
                .put("byte_fallback", true);
        ObjectNode vocabulary = bpe.putObject("vocab");
        ids.forEach(vocabulary::put);
        ArrayNode merges = bpe.putArray("merges");
        merges(model, ids).forEach(merges::add);
        return root;
    }

    private static void replace(ObjectNode node, String what, String by) {
        node.put("type", "Replace").put("content", by).putObject("pattern").put("String", what);
    }

    /** Unknown, beginning and end of a text: the pieces that no text gives. */
    private static ArrayNode firstThree(SentencePieceModel model) {
        ArrayNode added = JSON.createArrayNode();
        for (int i = 0; i < Math.min(3, model.pieces().size()); i++) {
            added(added, i, model.pieces().get(i).text(), true);
        }
        return added;
    }

    /** What a piece can be made of, best pieces first; among equals by the pieces' ids. */
    private static List<String> merges(SentencePieceModel model, Map<String, Integer> ids) {
        record Merge(String left, String right, float score) {}
        List<Merge> all = new ArrayList<>();
        for (SentencePieceModel.Piece piece : model.pieces()) {
            List<Merge> own = new ArrayList<>();
            String text = piece.text();
            for (int at = text.offsetByCodePoints(0, text.isEmpty() ? 0 : 1); at < text.length(); ) {
                String left = text.substring(0, at);
                String right = text.substring(at);
                if (ids.containsKey(left) && ids.containsKey(right)) {
                    own.add(new Merge(left, right, piece.score()));
                }
                at = text.offsetByCodePoints(at, 1);
            }
            own.sort(Comparator.comparing((Merge merge) -> ids.get(merge.left()))
                    .thenComparing(merge -> ids.get(merge.right())));
            all.addAll(own);
        }
        all.sort(Comparator.comparing((Merge merge) -> -merge.score()));
        return all.stream().map(merge -> merge.left() + " " + merge.right()).toList();
    }

    private static ObjectNode fromBytePairs(Path checkpoint, JsonNode vocabulary, List<String> merges) {
        String kind = JsonFile.readIfPresent(checkpoint.resolve("tokenizer_config.json"))
                .map(config -> config.path("tokenizer_class").asString("Qwen2Tokenizer"))
                .orElse("Qwen2Tokenizer");
        if (!kind.startsWith("Qwen2Tokenizer")) {
            throw ServingException.unsupported(
                    "opening a checkpoint: %s: a %s without tokenizer.json: of those with vocab.json and merges.txt only "
                            + "Qwen2Tokenizer is read; add a tokenizer.json",
                    checkpoint, kind);
        }
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.set("added_tokens", addedTokens(checkpoint));
        root.putObject("normalizer").put("type", "NFC");
        ArrayNode cuts = root.putObject("pre_tokenizer").put("type", "Sequence").putArray("pretokenizers");
        cuts.addObject()
                .put("type", "Split")
                .put("behavior", "Isolated")
                .put("invert", false)
                .putObject("pattern")
                .put("Regex", QWEN2_WORDS);
        byteLevel(cuts.addObject());
        byteLevel(root.putObject("decoder"));
        ObjectNode bpe = root.putObject("model").put("type", "BPE");
        bpe.set("vocab", vocabulary);
        ArrayNode pairs = bpe.putArray("merges");
        merges.forEach(pairs::add);
        return root;
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
    }

    /** What the slow implementations add to their vocabulary, by id. */
    private static ArrayNode addedTokens(Path checkpoint) {
        Map<Integer, JsonNode> byId = new TreeMap<>();
        JsonFile.readIfPresent(checkpoint.resolve("added_tokens.json"))
                .ifPresent(file -> file.properties().forEach(each -> {
                    ArrayNode one = JSON.createArrayNode();
                    added(one, each.getValue().asInt(), each.getKey(), true);
                    byId.put(each.getValue().asInt(), one.get(0));
                }));
        JsonFile.readIfPresent(checkpoint.resolve("tokenizer_config.json"))
                .ifPresent(file -> file.path("added_tokens_decoder")
                        .properties()
                        .forEach(each -> {
                            int id = Integer.parseInt(each.getKey());
                            byId.put(
                                    id,
                                    ((ObjectNode) each.getValue()).deepCopy().put("id", id));
                        }));
        ArrayNode added = JSON.createArrayNode();
        byId.values().forEach(added::add);
        return added;
    }

    private static void added(ArrayNode tokens, int id, String content, boolean special) {
        tokens.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }

    /** The file as it stands where there is one, which spares the copy of a large one. */
    static byte[] bytes(Path checkpoint, JsonNode json) throws IOException {
        Path own = checkpoint.resolve("tokenizer.json");
        return Files.isRegularFile(own) ? Files.readAllBytes(own) : JSON.writeValueAsBytes(json);
    }
}
