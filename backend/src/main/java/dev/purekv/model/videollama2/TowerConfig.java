package dev.purekv.model.videollama2;

import static dev.purekv.checkpoint.ConfigKeys.require;

import dev.purekv.ServingException;
import dev.purekv.checkpoint.ConfigKeys;
import dev.purekv.model.videollama2.input.TowerFolder;
import dev.purekv.text.JsonFile;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import tools.jackson.databind.JsonNode;

/**
 * Sizes of the vision tower. Checkpoints name their tower and do not hold its configuration, so those of the released towers
 * stand here; a folder of that name inside the checkpoint wins.
 *
 * @param clip whether there is a class token, and a norm before the layers: CLIP has both, SigLIP neither
 * @param image pixels on a side
 * @param patch pixels on a side; what is left of the image at its right and lower edge is not seen
 */
record TowerConfig(
        boolean clip,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int image,
        int patch,
        double epsilon,
        Activation activation) {
    /** What the towers use between the two matrices of a layer. */
    enum Activation {
        QUICK_GELU("quick_gelu") {
            @Override
            Tensor apply(Tensor x) {
                return x.mul(new Scalar(1.702)).sigmoid_().mul_(x);
            }
        },
        GELU_TANH("gelu_pytorch_tanh") {
            @Override
            Tensor apply(Tensor x) {
                return torch.gelu(x, "tanh");
            }
        },
        GELU("gelu") {
            @Override
            Tensor apply(Tensor x) {
                return torch.gelu(x);
            }
        };

        private final String word;

        Activation(String word) {
            this.word = word;
        }

        abstract Tensor apply(Tensor x);
    }

    /** {@code config.json} of the released towers, by the last part of their name. */
    private static final Map<String, TowerConfig> RELEASED = Map.of(
            "clip-vit-large-patch14-336",
            new TowerConfig(true, 1024, 4096, 24, 16, 336, 14, 1e-5, Activation.QUICK_GELU),
            "siglip-so400m-patch14-384",
            new TowerConfig(false, 1152, 4304, 27, 16, 384, 14, 1e-6, Activation.GELU_TANH));

    TowerConfig {
        require(
                hidden % heads == 0,
                "the tower's hidden_size (%d) must be a multiple of num_attention_heads (%d)",
                hidden,
                heads);
        require(image >= patch, "the tower's image_size (%d) must be at least its patch_size (%d)", image, patch);
    }

    /**
     * @param name what {@code mm_vision_tower} says
     * @throws ServingException UNSUPPORTED for a tower that is neither in the checkpoint nor known here
     */
    static TowerConfig of(Path checkpoint, String name) {
        TowerFolder folder = TowerFolder.of(checkpoint, name);
        if (folder.path().isPresent()) {
            return read(folder.path().get().resolve("config.json"), folder.clip());
        }
        TowerConfig released = RELEASED.get(folder.lastName());
        if (released == null) {
            throw ServingException.unsupported(
                    "opening %s: the vision tower %s: expected one of %s, or a folder of that name in the checkpoint with its "
                            + "config.json and preprocessor_config.json",
                    checkpoint, name, RELEASED.keySet().stream().sorted().toList());
        }
        return released;
    }

    private static TowerConfig read(Path file, boolean clip) {
        JsonNode root = JsonFile.read(file);
        // A file of the whole CLIP or SigLIP holds the tower's part inside.
        ConfigKeys keys = new ConfigKeys(file.toString(), root.path("vision_config"), root);
        try {
            return new TowerConfig(
                    clip,
                    keys.positive("hidden_size", 768),
                    keys.positive("intermediate_size", 3072),
                    keys.positive("num_hidden_layers", 12),
                    keys.positive("num_attention_heads", 12),
                    keys.positive("image_size", 224),
                    keys.positive("patch_size", clip ? 32 : 16),
                    keys.positiveReal("layer_norm_eps", clip ? 1e-5 : 1e-6),
                    activation(file, keys.text("hidden_act", clip ? "quick_gelu" : "gelu_pytorch_tanh")));
        } catch (IllegalArgumentException e) {
            throw ServingException.invalid("%s", "reading " + file + ": " + e.getMessage());
        }
    }

    private static Activation activation(Path file, String word) {
        for (Activation activation : Activation.values()) {
            if (activation.word.equals(word)) {
                return activation;
            }
        }
        throw ServingException.unsupported(
                "reading %s: hidden_act: expected quick_gelu, gelu_pytorch_tanh or gelu, got %s", file, word);
    }

    int headWidth() {
        return hidden / heads;
    }

    /** Patches on a side. */
    int side() {
        return image / patch;
    }

    int patches() {
        return side() * side();
    }

    /** Numbers of one patch. */
    int patchValues() {
        return 3 * patch * patch;
    }
}
