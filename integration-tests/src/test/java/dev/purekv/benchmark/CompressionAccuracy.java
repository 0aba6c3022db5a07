package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import dev.purekv.text.Message;
import dev.purekv.text.TokenDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Share of questions that a checkpoint answers right, word for word and greedily, by method and ratio.
 *
 * <p>Arguments: checkpoint folder, questions.json with its clips beside it, ratios and methods separated by commas, then any
 * settings as name=value. Each row tells, beside the ratio reached in bytes, the mean times of a prompt.
 */
public final class CompressionAccuracy {
    private static final int LONGEST_ANSWER = 64;

    /** A question, its prompt prepared once for all methods. */
    private record Asked(ModelPrompt prompt, String answer) {}

    private CompressionAccuracy() {}

    public static void main(String[] arguments) throws Exception {
        LibTorch.start();
        try (LoadedModel loaded = ModelFamily.open(Path.of(arguments[0]), ModelSettings.read(Map.of()));
                PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true)) {
            List<Asked> questions = questions(loaded, Path.of(arguments[1]));
            KvSettings base = KvSettings.read(settings(arguments), KvSettings.DEFAULT);
            System.out.printf("%d questions%n", questions.size());
            System.out.println("| method | ratio | reached | right | vision ms | prefill ms | scoring ms |");
            System.out.println("|---|---|---|---|---|---|---|");
            for (String ratio : arguments[2].split(",")) {
                for (String method : arguments[3].split(",")) {
                    row(
                            loaded,
                            questions,
                            KvSettings.read(Map.of("kv_policy", method, "compression_ratio", ratio), base));
                }
            }
        }
    }

    private static Map<String, String> settings(String[] arguments) {
        return Arrays.stream(arguments)
                .skip(4)
                .map(each -> each.split("=", 2))
                .collect(java.util.stream.Collectors.toMap(each -> each[0], each -> each[1]));
    }

    private static List<Asked> questions(LoadedModel loaded, Path file) throws Exception {
        List<Asked> questions = new ArrayList<>();
        for (JsonNode each : JsonMapper.shared().readTree(Files.readString(file))) {
            byte[] clip =
                    Files.readAllBytes(file.resolveSibling(each.path("clip").asString()));
            List<Message.Part> parts = List.of(
                    new Message.Video(clip),
                    new Message.Text(each.path("question").asString()));
            ModelPrompt prompt = loaded.encoder().encode(List.of(new Message("user", parts)));
            questions.add(new Asked(prompt, each.path("answer").asString()));
        }
        return questions;
    }

    private static void row(LoadedModel loaded, List<Asked> questions, KvSettings kv) {
        int right = 0;
        double kept = 0;
        double full = 0;
        double[] millis = new double[3];
        for (Asked each : questions) {
            try (PointerScope scope = new PointerScope();
                    Sequence sequence = loaded.model().begin(each.prompt(), LONGEST_ANSWER, kv)) {
                right += answer(loaded, sequence).equals(each.answer()) ? 1 : 0;
                PrefillReport report = sequence.report();
                kept += report.cacheBytes();
                full += report.fullCacheBytes();
                millis[0] += report.vision().toNanos() / 1e6 / questions.size();
                millis[1] += report.language().toNanos() / 1e6 / questions.size();
                millis[2] += report.scoring().toNanos() / 1e6 / questions.size();
            }
        }
        System.out.printf(
                "| %s | %s | %.2f | %.3f | %.1f | %.1f | %.2f |%n",
                kv.policy().word(),
                kv.compressionRatio(),
                full / kept,
                (double) right / questions.size(),
                millis[0],
                millis[1],
                millis[2]);
    }

    private static String answer(LoadedModel loaded, Sequence sequence) {
        TokenDecoder decoder = loaded.decoder().apply(true);
        StringBuilder text = new StringBuilder();
        int token = likeliest(sequence.prefill(() -> false));
        for (int i = 1; !loaded.defaults().endTokens().contains(token); i++) {
            text.append(decoder.push(token));
            if (i == LONGEST_ANSWER) {
                break;
            }
            try (PointerScope step = new PointerScope()) {
                token = likeliest(sequence.decode(token));
            }
        }
        return text.append(decoder.finish()).toString();
    }

    private static int likeliest(Tensor logits) {
        return (int) logits.argmax().item_long();
    }
}
