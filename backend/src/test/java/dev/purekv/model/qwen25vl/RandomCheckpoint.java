package dev.purekv.model.qwen25vl;

import dev.purekv.checkpoint.TensorFiles;
import dev.purekv.checkpoint.TensorFiles.Raw;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Checkpoints of the shape of the smallest golden one, with as many layers as wanted and weights drawn at random. */
final class RandomCheckpoint {
    private RandomCheckpoint() {}

    static void write(Path directory, int layers, long seed) {
        Path like = Goldens.directory().resolve("untied");
        Random random = new Random(seed);
        Map<String, Raw> tensors = new LinkedHashMap<>();
        TensorFiles.read(like.resolve("model.safetensors")).forEach((name, raw) -> {
            if (!name.startsWith("model.layers.")) {
                tensors.put(name, raw);
            } else if (name.startsWith("model.layers.0.")) {
                for (int layer = 0; layer < layers; layer++) {
                    tensors.put(name.replace("layers.0.", "layers." + layer + "."), drawn(name, raw, random));
                }
            }
        });
        TensorFiles.write(directory.resolve("model.safetensors"), tensors, 0);
        try {
            String config = Files.readString(like.resolve("config.json"));
            Files.writeString(
                    directory.resolve("config.json"),
                    config.replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": " + layers));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Norms about 1, biases about 0; matrices so large that attention prefers some tokens clearly. */
    private static Raw drawn(String name, Raw like, Random random) {
        double middle = name.contains("norm") ? 1 : 0;
        double spread = like.shape().size() == 1
                ? 0.1
                : (name.contains("q_proj") || name.contains("k_proj") ? 2 : 1)
                        / Math.sqrt(like.shape().get(1));
        ByteBuffer bytes = ByteBuffer.allocate(like.bytes().length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat((float) (middle + spread * random.nextGaussian()));
        }
        return new Raw(like.type(), like.shape(), bytes.array());
    }
}
