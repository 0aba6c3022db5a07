package dev.purekv.model.qwen25vl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.ServingException;
import dev.purekv.attention.sparse.SparsePattern;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.attention.sparse.VisualRun;
import dev.purekv.media.Frame;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import dev.purekv.model.decoder.PromptLayout;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromptLayoutTest {
    private static final Qwen25VlConfig CONFIG =
            Qwen25VlConfig.read(Goldens.directory().resolve("untied/config.json"));
    private static final int IMAGE = CONFIG.imageToken();
    private static final int VIDEO = CONFIG.videoToken();

    /** Two cells, so two placeholders. */
    private static final VisualInput PICTURE = new VisualInput(
            VisualInput.Kind.IMAGE, List.of(new Frame(56, 28, new byte[56 * 28 * 3])), new Grid(1, 2, 4), 0);

    @Test
    void findsEachVisual() {
        PromptLayout layout = layout(List.of(PICTURE, PICTURE), 1, IMAGE, IMAGE, 2, IMAGE, IMAGE);
        assertThat(layout.spans())
                .containsExactly(new PromptLayout.Span(at(1), PICTURE), new PromptLayout.Span(at(4), PICTURE));
    }

    @Test
    void tellsNeighboursApartByTheirGrids() {
        PromptLayout layout = layout(List.of(PICTURE, PICTURE), IMAGE, IMAGE, IMAGE, IMAGE);
        assertThat(layout.spans()).extracting(PromptLayout.Span::start).containsExactly(0, 2);
    }

    @Test
    void laysOutItsPatternInMergedCells() {
        VisualInput clip = new VisualInput(
                VisualInput.Kind.VIDEO,
                Collections.nCopies(6, new Frame(56, 28, new byte[56 * 28 * 3])),
                new Grid(3, 2, 4),
                1);
        PromptLayout layout =
                layout(List.of(PICTURE, clip), 1, IMAGE, IMAGE, 2, VIDEO, VIDEO, VIDEO, VIDEO, VIDEO, VIDEO, 3);
        assertThat(layout.pattern(SparseReach.FULL))
                .isEqualTo(new SparsePattern(
                        11, List.of(new VisualRun(1, 1, 2), new VisualRun(4, 3, 2)), SparseReach.FULL));
    }

    @Test
    void refusesTooFewPlaceholders() {
        refuses("expected 2 placeholders with id 120 for the IMAGE at token 1, got 1", List.of(PICTURE), 1, IMAGE, 2);
    }

    @Test
    void refusesTooManyPlaceholders() {
        refuses("token 2 is a placeholder, but the 1 images", List.of(PICTURE), IMAGE, IMAGE, IMAGE);
    }

    @Test
    void refusesAPlaceholderOfAnotherKind() {
        refuses("for the IMAGE at token 0, got 0", List.of(PICTURE), VIDEO, VIDEO);
    }

    @Test
    void refusesAVisualWithoutPlaceholder() {
        refuses("expected placeholders for 1 images and videos, got them for 0", List.of(PICTURE), 1, 2, 3);
    }

    @Test
    void refusesAnIdOutsideTheVocabulary() {
        refuses("token 1: expected an id below the vocabulary of 128, got 128", List.of(), 1, 128);
        refuses("token 0: expected an id below the vocabulary of 128, got -1", List.of(), -1);
    }

    private static VisualSpan at(int start) {
        return new VisualSpan(VisualInput.Kind.IMAGE, start, 1, 1, 2, 1, 0, 1, 0);
    }

    private static PromptLayout layout(List<VisualInput> visuals, int... ids) {
        return PromptLayout.of(new ModelPrompt(ids, visuals), CONFIG);
    }

    private static void refuses(String problem, List<VisualInput> visuals, int... ids) {
        assertThatThrownBy(() -> layout(visuals, ids))
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(ServingException.Code.INVALID_REQUEST, ServingException::code);
    }
}
