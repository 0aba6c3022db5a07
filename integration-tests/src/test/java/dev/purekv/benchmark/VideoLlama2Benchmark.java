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
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Times vision and prefill of a clip of 16 frames of noise, and counts the bytes that are kept of its cache at ratio 5; prints JSON.
 * Run by integration-tests/reference/videollama2_benchmark.py, which runs the original in turn and does the arithmetic.
 */
public final class VideoLlama2Benchmark {
    private static final int FRAMES = 16;
    private static final int SIDE = 384;

    private VideoLlama2Benchmark() {}

    /** @param arguments checkpoint folder, repetitions */
    public static void main(String[] arguments) {
        int repetitions = Integer.parseInt(arguments[1]);
        LibTorch.start();
        try (LoadedModel loaded = ModelFamily.open(Path.of(arguments[0]), ModelSettings.read(Map.of()))) {
            ModelPrompt prompt = loaded.encoder().encode(conversation());
            double[] vision = new double[repetitions];
            double[] prefill = new double[repetitions];
            for (int i = -1; i < repetitions; i++) { // the first of a process is slow
                PrefillReport report = prefill(loaded, prompt, KvSettings.DEFAULT);
                vision[Math.max(i, 0)] = seconds(report.vision());
                prefill[Math.max(i, 0)] = seconds(report.language());
            }
            PrefillReport cut =
                    prefill(loaded, prompt, KvSettings.read(Map.of("compression_ratio", "5"), KvSettings.DEFAULT));
            System.out.println(JsonMapper.builder()
                    .build()
                    .writeValueAsString(Map.of(
                            "promptTokens", prompt.tokens(),
                            "visualTokens", cut.visualTokens(),
                            "visionSeconds", vision,
                            "prefillSeconds", prefill,
                            "keptBytes", cut.cacheBytes(),
                            "fullBytes", cut.fullCacheBytes())));
        }
    }

    private static List<Message> conversation() {
        Random random = new Random(1);
        List<byte[]> frames =
                IntStream.range(0, FRAMES).mapToObj(i -> noise(random)).toList();
        return List.of(new Message(
                "user",
                List.of(new Message.Frames(frames, 2), new Message.Text("What moves in the video, and where?"))));
    }

    private static byte[] noise(Random random) {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        int[] pixels = random.ints((long) SIDE * SIDE, 0, 1 << 24).toArray();
        picture.setRGB(0, 0, SIDE, SIDE, pixels, 0, SIDE);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static PrefillReport prefill(LoadedModel loaded, ModelPrompt prompt, KvSettings kv) {
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(prompt, 0, kv)) {
            sequence.prefill(() -> {});
            return sequence.report();
        }
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
