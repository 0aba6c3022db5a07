package dev.purekv.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers that older checkpoints hold; token ids against the original's are in VideoLlama2EncoderTest. */
class TokenizerFilesTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "videollama2");
    private static final List<String> TEXTS = List.of(
            "What moves in the video, and where does it go?",
            "\n  two  spaces \t and a tab ",
            "Naïve – 日本? \uD83D\uDE00 12345",
            "<s>[INST] Hello</s><|im_start|>user\nHi<|im_end|>",
            " ",
            "don't DON'T we're");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "qwen2"})
    void olderFilesGiveTheTokensOfTheNewer(String of) throws IOException {
        copy(of);
        Files.delete(folder.resolve("tokenizer.json"));
        try (Tokenizer older = Tokenizer.open(folder);
                Tokenizer newer = Tokenizer.open(GOLDEN.resolve(of))) {
            assertThat(older.controlTokens()).isEqualTo(newer.controlTokens());
            for (String text : TEXTS) {
                int[] ids = older.encode(text);
                assertThat(ids).as(text).isEqualTo(newer.encode(text)).isNotEmpty();
                long[] wide = Arrays.stream(ids).asLongStream().toArray();
                assertThat(older.decode(wide, false)).as(text).isEqualTo(newer.decode(wide, false));
            }
        }
    }

    @Test
    void refusesADamagedModelAndOneOfAnotherKind() throws IOException {
        copy("mistral");
        Files.delete(folder.resolve("tokenizer.json"));
        Path model = folder.resolve("tokenizer.model");
        byte[] sound = Files.readAllBytes(model);
        for (int length : new int[] {1, 10, sound.length / 2, sound.length - 1}) {
            Files.write(model, Arrays.copyOf(sound, length));
            assertThatThrownBy(() -> Tokenizer.open(folder))
                    .as("%d bytes", length)
                    .isInstanceOf(ServingException.class)
                    .hasMessageContaining("tokenizer.model");
        }
        Files.write(model, new byte[0]);
        refuses(ServingException.Code.UNSUPPORTED, "kind BPE");
    }

    @Test
    void refusesBytePairsOfAnUnknownTokenizer() throws IOException {
        copy("qwen2");
        Files.delete(folder.resolve("tokenizer.json"));
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, Files.readString(config).replace("Qwen2Tokenizer", "GPT2Tokenizer"));
        refuses(ServingException.Code.UNSUPPORTED, "GPT2Tokenizer without tokenizer.json");
    }

    @Test
    void refusesAFolderWithoutTokenizer() {
        refuses(
                ServingException.Code.NOT_FOUND,
                "expected tokenizer.json, tokenizer.model, or vocab.json and merges.txt");
    }

    private void refuses(ServingException.Code code, String problem) {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(code, ServingException::code);
    }

    private void copy(String of) throws IOException {
        try (var files = Files.list(GOLDEN.resolve(of))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }
}
