package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import dev.purekv.model.GenerationDefaults;
import dev.purekv.model.LoadedModel;
import dev.purekv.model.SharedCheckpoint;
import dev.purekv.model.decoder.DecoderModel;
import dev.purekv.model.input.GenerationConfigReader;
import dev.purekv.model.qwen25vl.input.Qwen25VlEncoder;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import java.nio.file.Path;
import java.util.Set;

/** All that serving a Qwen2.5-VL checkpoint needs: weights, prompt encoder, token decoder, generation defaults. */
public final class Qwen25VlCheckpoint implements SharedCheckpoint {
    private final DecoderModel model;
    private final Qwen25VlEncoder encoder;
    private final GenerationDefaults defaults;

    private Qwen25VlCheckpoint(DecoderModel model, Qwen25VlEncoder encoder, GenerationDefaults defaults) {
        this.model = model;
        this.encoder = encoder;
        this.defaults = defaults;
    }

    /**
     * A {@link dev.purekv.model.CheckpointOpener}.
     *
     * @throws ServingException naming the file, key or tensor that is wrong
     */
    public static SharedCheckpoint open(Path directory, ComputeDevice device) {
        // The cheap parts first: a missing tokenizer must not cost the loading of the weights.
        GenerationDefaults defaults = GenerationConfigReader.read(directory);
        Qwen25VlEncoder encoder = Qwen25VlEncoder.open(directory, MediaLimits.DEFAULT);
        try {
            return new Qwen25VlCheckpoint(Qwen25Vl.open(directory, device, 0), encoder, defaults);
        } catch (RuntimeException | Error e) {
            encoder.close();
            throw e;
        }
    }

    @Override
    public LoadedModel under(ModelSettings settings) {
        settings.requireFamily(Set.of());
        return new LoadedModel(
                model.limitedTo(settings.maxSequenceTokens()),
                encoder.within(settings.media()),
                encoder.decoders(),
                defaults,
                () -> {});
    }

    @Override
    public void close() {
        model.close();
        encoder.close();
    }
}
