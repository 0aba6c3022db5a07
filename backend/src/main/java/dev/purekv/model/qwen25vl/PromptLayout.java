package dev.purekv.model.qwen25vl;

import dev.purekv.ServingException;
import dev.purekv.attention.sparse.SparsePattern;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.attention.sparse.VisualRun;
import dev.purekv.model.Grid;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which tokens of a prompt belong to which image or video; all others are text. */
record PromptLayout(int[] ids, List<Span> spans) {
    /** One image or video: {@code tokens} placeholders from {@code start} on. */
    record Span(int start, int tokens, VisualInput visual) {
        int end() {
            return start + tokens;
        }
    }

    PromptLayout {
        spans = List.copyOf(spans);
    }

    /**
     * @throws ServingException INVALID_REQUEST when placeholders and visuals do not match one to one, or an id is outside
     *     the vocabulary
     */
    static PromptLayout of(ModelPrompt prompt, Qwen25VlConfig config) {
        int[] ids = prompt.ids();
        List<VisualInput> visuals = prompt.visuals();
        List<Span> spans = new ArrayList<>();
        int index = 0;
        while (index < ids.length) {
            requireKnown(ids[index], index, config.text().vocabulary());
            if (ids[index] != config.imageToken() && ids[index] != config.videoToken()) {
                index++;
                continue;
            }
            if (spans.size() == visuals.size()) {
                throw ServingException.invalid(
                        "reading the prompt: token %d is a placeholder, but the %d images and videos given are all placed",
                        index, visuals.size());
            }
            Span span = span(ids, index, visuals.get(spans.size()), config);
            spans.add(span);
            index = span.end();
        }
        if (spans.size() < visuals.size()) {
            throw ServingException.invalid(
                    "reading the prompt: expected placeholders for %d images and videos, got them for %d",
                    visuals.size(), spans.size());
        }
        return new PromptLayout(ids, spans);
    }

    private static Span span(int[] ids, int start, VisualInput visual, Qwen25VlConfig config) {
        int placeholder = visual.kind() == VisualInput.Kind.IMAGE ? config.imageToken() : config.videoToken();
        int tokens = visual.grid().patches() / config.vision().cellPatches();
        int found = 0;
        while (found < tokens && start + found < ids.length && ids[start + found] == placeholder) {
            found++;
        }
        if (found < tokens) {
            throw ServingException.invalid(
                    "reading the prompt: expected %d placeholders with id %d for the %s at token %d, got %d",
                    tokens, placeholder, visual.kind(), start, found);
        }
        return new Span(start, tokens, visual);
    }

    private static void requireKnown(int id, int index, int vocabulary) {
        if (id < 0 || id >= vocabulary) {
            throw ServingException.invalid(
                    "reading the prompt: token %d: expected an id below the vocabulary of %d, got %d",
                    index, vocabulary, id);
        }
    }

    /** @return the tokens of images and videos */
    BitSet visual() {
        BitSet visual = new BitSet();
        spans.forEach(span -> visual.set(span.start(), span.end()));
        return visual;
    }

    /** @param merge patches on a side of a token's cell */
    List<VisualSpan> visuals(int merge) {
        return spans.stream()
                .map(span -> {
                    VisualInput visual = span.visual();
                    Grid grid = visual.grid();
                    return new VisualSpan(
                            visual.kind(),
                            span.start(),
                            grid.t(),
                            grid.h() / merge,
                            grid.w() / merge,
                            visual.frames().size(),
                            visual.secondsPerGrid());
                })
                .toList();
    }

    /** @return which tokens see which in sparse layers: a slice has a cell for each token that the merger leaves of it */
    SparsePattern pattern(SparseReach reach) {
        List<VisualRun> runs = spans.stream()
                .map(span -> {
                    int slices = span.visual().grid().t();
                    return new VisualRun(span.start(), slices, span.tokens() / slices);
                })
                .toList();
        return new SparsePattern(ids.length, runs, reach);
    }
}
