package dev.purekv.model.input;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How 8-bit pixels become the tower's numbers: scaled in double precision, then shifted and divided in single precision, as
 * the reference's slow image processor does it, bit for bit.
 *
 * @param mean per channel
 * @param std per channel
 */
public record PixelNormalisation(double rescale, List<Double> mean, List<Double> std) {
    /** What the released checkpoints use: the constants of CLIP. */
    public static final PixelNormalisation CLIP = new PixelNormalisation(
            1 / 255.0, List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));

    private static final int LEVELS = 256;

    public PixelNormalisation {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.size() != 3 || std.size() != 3 || std.stream().anyMatch(value -> !(value > 0))) {
            throw new IllegalArgumentException("expected three values each as image_mean and image_std, the latter "
                    + "positive, got " + mean + " and " + std);
        }
    }

    /**
     * Reads a preprocessor configuration; what it does not say is taken from {@code absent}, and so is everything when
     * there is no such file.
     */
    public static PixelNormalisation read(Path file, PixelNormalisation absent) {
        if (!Files.isRegularFile(file)) {
            return absent;
        }
        try {
            JsonNode root = JsonMapper.shared().readTree(file.toFile());
            return new PixelNormalisation(
                    root.path("rescale_factor").asDouble(absent.rescale),
                    numbers(root.path("image_mean"), absent.mean),
                    numbers(root.path("image_std"), absent.std));
        } catch (JacksonException e) {
            throw ServingException.invalid("reading %s: not sound JSON: %s", file, e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("reading %s: %s", file, e.getMessage());
        }
    }

    private static List<Double> numbers(JsonNode node, List<Double> absent) {
        if (node.isMissingNode()) {
            return absent;
        }
        List<Double> values = new ArrayList<>();
        node.forEach(value -> values.add(value.asDouble(Double.NaN)));
        return values;
    }

    /** @return the normalised number of each level, 256 a channel */
    public float[] table() {
        float[] table = new float[3 * LEVELS];
        for (int channel = 0; channel < 3; channel++) {
            float shift = mean.get(channel).floatValue();
            float divisor = std.get(channel).floatValue();
            for (int level = 0; level < LEVELS; level++) {
                table[channel * LEVELS + level] = ((float) (level * rescale) - shift) / divisor;
            }
        }
        return table;
    }
}
