package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.qwen25vl.input.GenerationConfigReader;
import dev.purekv.model.qwen25vl.input.Qwen25VlEncoder;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;

/** Opens all that serving a Qwen2.5-VL checkpoint needs: weights, prompt encoder, token decoder, generation defaults. */
public final class Qwen25VlOpener {
    private Qwen25VlOpener() {}

    /**
     * A {@link dev.purekv.model.ModelOpener}.
     *
     * @throws ServingException naming the file, key or tensor that is wrong
     */
    public static LoadedModel open(Path checkpoint, ModelSettings settings) {
        // The cheap parts first: a missing tokenizer must not cost the loading of the weights.
        Qwen25VlEncoder encoder = Qwen25VlEncoder.open(checkpoint, MediaLimits.DEFAULT);
        try {
            return new LoadedModel(
                    Qwen25Vl.open(checkpoint, new ComputeDevice(settings.device()), settings.maxSequenceTokens()),
                    encoder,
                    encoder.decoders(),
                    GenerationConfigReader.read(checkpoint));
        } catch (RuntimeException e) {
            encoder.close();
            throw e;
        }
    }
}
