package dev.purekv.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ResidentGrowth;
import dev.purekv.ServingException;
import dev.purekv.tensor.LibTorch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class TokenizerTest {
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        LibTorch.start(); // it sets the tokenizer library to work without network
        tokenizer = Tokenizer.open(TextGolden.folder("demonstration"));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void givesTheIdsOfTheReference() {
        for (JsonNode golden : TextGolden.json().get("texts")) {
            assertThat(tokenizer.encode(golden.get("text").asString()))
                    .as(golden.get("text").asString())
                    .isEqualTo(TextGolden.ints(golden.get("ids")));
        }
        for (JsonNode golden : TextGolden.json().get("chats")) {
            if (golden.has("ids")) {
                assertThat(tokenizer.encode(golden.get("prompt").asString()))
                        .isEqualTo(TextGolden.ints(golden.get("ids")));
            }
        }
    }

    @Test
    void decodesWhatTheReferenceDecodes() {
        for (JsonNode golden : TextGolden.json().get("texts")) {
            assertThat(streamed(TextGolden.ints(golden.get("ids")), false))
                    .isEqualTo(golden.get("decoded").asString());
        }
    }

    @Test
    void neverTruncatesALongPrompt() {
        String text = "up down ".repeat(20_000);
        int[] ids = tokenizer.encode(text);
        assertThat(ids.length).isGreaterThan(10_000);
        assertThat(tokenizer.decode(longs(ids), false)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void piecesOfRandomUnicodeAddUpToTheWholeText(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 40; round++) {
            String text = randomText(random);
            int[] ids = tokenizer.encode(text);
            assertThat(streamed(ids, false)).isEqualTo(tokenizer.decode(longs(ids), false));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void piecesOfRandomTokensAddUpEvenWhereTheyAreNoUnicode(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 40; round++) {
            int[] ids = random.ints(random.nextInt(1, 60), 0, 368).toArray();
            for (boolean skip : new boolean[] {true, false}) {
                assertThat(streamed(ids, skip)).isEqualTo(tokenizer.decode(longs(ids), skip));
            }
        }
    }

    @Test
    void givesOutNoPartOfACharacter() {
        int[] ids = tokenizer.encode("👋");
        assertThat(ids.length).isGreaterThan(1);
        TokenDecoder decoder = tokenizer.decoders().apply(true);
        for (int i = 0; i < ids.length - 1; i++) {
            assertThat(decoder.push(ids[i])).isEmpty();
        }
        assertThat(decoder.push(ids[ids.length - 1])).isEqualTo("👋");
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void showsAnUnfinishedCharacterAtTheEnd() {
        TokenDecoder decoder = tokenizer.decoders().apply(true);
        assertThat(decoder.push(tokenizer.encode("👋")[0])).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\uFFFD");
    }

    @Test
    void leavesControlTokensOutOnlyWhenAsked() {
        int[] ids = tokenizer.encode("up<|im_end|>");
        assertThat(streamed(ids, true)).isEqualTo("up");
        assertThat(streamed(ids, false)).isEqualTo("up<|im_end|>");
    }

    @Test
    void refusesHalfASurrogatePair() {
        assertThatThrownBy(() -> tokenizer.encode("a\uD83Db"))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("character 1");
    }

    @Test
    void namesAMissingFile(@TempDir Path folder) {
        assertThatThrownBy(() -> Tokenizer.open(folder))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("tokenizer.json");
    }

    private static String streamed(int[] ids, boolean skip) {
        TokenDecoder decoder = tokenizer.decoders().apply(skip);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.push(id));
        }
        return text.append(decoder.finish()).toString();
    }

    private static String randomText(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(1, 50);
        while (text.length() < length) {
            int point = random.nextInt(0x20, random.nextBoolean() ? 0x3000 : Character.MAX_CODE_POINT + 1);
            if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
                text.appendCodePoint(point);
            }
        }
        return text.toString();
    }

    private static long[] longs(int[] ids) {
        return Arrays.stream(ids).asLongStream().toArray();
    }

    @Test
    void givesTheMemoryOfEncodingsBack() {
        String text = "Which way does the red digit move? ".repeat(300);
        long growth = ResidentGrowth.smallest(() -> encodeOften(text, 50));
        // An encoding of this text takes hundreds of kilobytes of native memory.
        assertThat(growth).isLessThan(4L << 20);
    }

    private static void encodeOften(String text, int times) {
        for (int i = 0; i < times; i++) {
            assertThat(tokenizer.encode(text).length).isGreaterThan(1000);
        }
    }
}
