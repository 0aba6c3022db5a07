package dev.purekv.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.text.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoNativeLeak.class)
class WarmUpTest {
    private static final Path CHECKPOINT = Path.of("..", "model-repository", "moving-digits", "1");

    private final List<String> done = new ArrayList<>();

    @Test
    void everyPartThatARequestNeedsRunsOnceAndLeavesNothing() {
        WarmUp warmUp = new WarmUp((directory, device) -> new Watched(ModelFamily.share(directory, device), false));
        try (SharedCheckpoint opened = warmUp.open(CHECKPOINT, ComputeDevice.CPU)) {
            assertThat(done).containsExactly("Video", "Image", "begin");
            assertThat(opened.under(ModelSettings.read(Map.of())).model().layers())
                    .isPositive();
        }
    }

    @Test
    void aModelThatTakesNoConversationsIsOpenedAllTheSame() {
        WarmUp warmUp = new WarmUp((directory, device) -> new Watched(ModelFamily.share(directory, device), true));
        try (SharedCheckpoint opened = warmUp.open(CHECKPOINT, ComputeDevice.CPU)) {
            assertThat(done).isEmpty();
            assertThat(opened.under(ModelSettings.read(Map.of())).model().layers())
                    .isPositive();
        }
    }

    @Test
    void aPictureThatMakesALongPromptIsNotComputed() {
        Path checkpoint = Path.of("src", "test", "resources", "golden", "videollama2", "mistral");
        WarmUp warmUp = new WarmUp((directory, device) -> new Watched(ModelFamily.share(directory, device), false));
        warmUp.open(checkpoint, ComputeDevice.CPU).close();
        assertThat(done).containsExactly("Video", "Image", "Text", "begin");
    }

    /** A real checkpoint that tells what is asked of it. */
    private final class Watched implements SharedCheckpoint {
        private final SharedCheckpoint real;
        private final boolean refusing;

        Watched(SharedCheckpoint real, boolean refusing) {
            this.real = real;
            this.refusing = refusing;
        }

        @Override
        public LoadedModel under(ModelSettings settings) {
            LoadedModel model = real.under(settings);
            return new LoadedModel(
                    new WatchedModel(model.model()),
                    new WatchedEncoder(model.encoder(), refusing),
                    model.decoder(),
                    model.defaults(),
                    model.release());
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class WatchedEncoder implements PromptEncoder {
        private final PromptEncoder real;
        private final boolean refusing;

        WatchedEncoder(PromptEncoder real, boolean refusing) {
            this.real = real;
            this.refusing = refusing;
        }

        @Override
        public ModelPrompt encode(List<Message> conversation, BooleanSupplier cancelled) {
            if (refusing) {
                throw ServingException.invalid("no template");
            }
            ModelPrompt prompt = real.encode(conversation, cancelled);
            done.add(conversation.get(0).content().get(0).getClass().getSimpleName());
            return prompt;
        }

        @Override
        public ModelPrompt encodeRaw(String prompt, List<Message.Part> media, BooleanSupplier cancelled) {
            return real.encodeRaw(prompt, media, cancelled);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private final class WatchedModel implements VisionLanguageModel {
        private final VisionLanguageModel real;

        WatchedModel(VisionLanguageModel real) {
            this.real = real;
        }

        @Override
        public Sequence begin(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
            done.add("begin");
            return real.begin(prompt, maxNewTokens, kv);
        }

        @Override
        public int maxTokens() {
            return real.maxTokens();
        }

        @Override
        public int layers() {
            return real.layers();
        }

        @Override
        public int vocabulary() {
            return real.vocabulary();
        }

        @Override
        public long peakCacheBytes(ModelPrompt prompt, int maxNewTokens, KvSettings kv) {
            return real.peakCacheBytes(prompt, maxNewTokens, kv);
        }

        @Override
        public long weightBytes() {
            return real.weightBytes();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
