package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopTextsTest {
    @Test
    void theStopTextIsNotPartOfTheAnswer() {
        StopTexts stops = new StopTexts(List.of("END"));
        assertThat(stops.push("one E")).isEqualTo("one ");
        assertThat(stops.push("N")).isEmpty();
        assertThat(stops.push("D two")).isEmpty();
        assertThat(stops.reached()).isTrue();
        assertThat(stops.finish()).isEmpty();
    }

    @Test
    void whatOnlyLookedLikeABeginningIsGivenOut() {
        StopTexts stops = new StopTexts(List.of("END"));
        assertThat(stops.push("E")).isEmpty();
        assertThat(stops.push("ach")).isEqualTo("Each");
        assertThat(stops.push("EN")).isEmpty();
        assertThat(stops.finish()).isEqualTo("EN");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void piecesGiveWhatTheWholeGives(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            String text = randomText(random, 30);
            List<String> stopTexts = List.of(randomText(random, 3), randomText(random, 2));
            int cut = text.length();
            for (String stop : stopTexts) {
                int at = text.indexOf(stop);
                cut = at >= 0 ? Math.min(cut, at) : cut;
            }
            assertThat(inPieces(text, stopTexts, random))
                    .as("%s stopped by %s", text, stopTexts)
                    .isEqualTo(text.substring(0, cut));
        }
    }

    private static String inPieces(String text, List<String> stopTexts, SplittableRandom random) {
        StopTexts stops = new StopTexts(stopTexts);
        List<String> given = new ArrayList<>();
        for (int at = 0; at < text.length() && !stops.reached(); ) {
            // One character a piece: with longer ones two stops could end in one piece, and which came first is not
            // defined.
            given.add(stops.push(text.substring(at, at + 1)));
            at++;
        }
        return String.join("", given) + stops.finish();
    }

    private static String randomText(SplittableRandom random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append((char) ('a' + random.nextInt(3)));
        }
        return text.toString();
    }
}
