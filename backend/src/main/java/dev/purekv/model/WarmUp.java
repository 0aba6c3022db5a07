package dev.purekv.model;

import dev.purekv.ServingException;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.text.Message;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers one small question after a checkpoint is opened, so that the first client does not wait for what happens once:
 * classes and native libraries are loaded, kernels chosen, weights read from the disk. Without it the first answer of the
 * demonstration takes more than a second longer than the second one.
 */
public final class WarmUp implements CheckpointOpener {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    private static final int SIDE = 56;
    private static final int FRAMES = 4;

    /** Of a picture, in families that make so many of any: it would cost more than the first client's wait. */
    private static final int MOST_TOKENS = 256;

    private final CheckpointOpener opener;

    public WarmUp(CheckpointOpener opener) {
        this.opener = opener;
    }

    @Override
    public SharedCheckpoint open(Path checkpoint, ComputeDevice device) {
        SharedCheckpoint opened = opener.open(checkpoint, device);
        try {
            ask(opened.under(ModelSettings.read(Map.of())));
        } catch (ServingException e) {
            // A model that only takes whole prompts, say: requests will hear the reason.
            LOG.info("checkpoint={} was not warmed up: {}", checkpoint, e.getMessage());
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private static void ask(LoadedModel loaded) {
        Message.Part words = new Message.Text("What is this?");
        // Videos cost more to compute than all the rest: this one is only decoded.
        loaded.encoder().encode(List.of(new Message("user", List.of(new Message.Video(video()), words))));
        ModelPrompt prompt =
                loaded.encoder().encode(List.of(new Message("user", List.of(new Message.Image(picture()), words))));
        if (prompt.tokens() > MOST_TOKENS) {
            prompt = loaded.encoder().encode(List.of(new Message("user", List.of(words))));
        }
        try (PointerScope scope = new PointerScope();
                InferenceMode noGradients = new InferenceMode(true);
                Sequence sequence = loaded.model().begin(prompt, 1)) {
            sequence.prefill(() -> {});
            sequence.decode(prompt.ids()[0]);
        }
    }

    private static byte[] picture() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(blank(), "png", bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw ServingException.internal(e, "writing a picture into memory: %s", e.getMessage());
        }
    }

    private static byte[] video() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
        try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            for (int i = 0; i < FRAMES; i++) {
                writer.writeToSequence(new IIOImage(blank(), null, null), null);
            }
            writer.endWriteSequence();
        } catch (IOException e) {
            throw ServingException.internal(e, "writing a video into memory: %s", e.getMessage());
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static BufferedImage blank() {
        return new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    }
}
