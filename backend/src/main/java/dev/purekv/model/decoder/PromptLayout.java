package dev.purekv.model.decoder;

import dev.purekv.ServingException;
import dev.purekv.attention.sparse.SparsePattern;
import dev.purekv.attention.sparse.SparseReach;
import dev.purekv.attention.sparse.VisualRun;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.VisualInput;
import dev.purekv.model.VisualSpan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which tokens of a prompt belong to which image or video; all others are text. */
public record PromptLayout(int[] ids, List<Span> spans) {
    /** One image or video, and where its placeholders stand. */
    public record Span(VisualSpan at, VisualInput visual) {
        public int start() {
            return at.start();
        }

        public int tokens() {
            return at.tokens();
        }

        public int end() {
            return start() + tokens();
        }
    }

    public PromptLayout {
        spans = List.copyOf(spans);
    }

    /**
     * @throws ServingException INVALID_REQUEST when placeholders and visuals do not match one to one, or an id is outside
     *     the vocabulary
     */
    public static PromptLayout of(ModelPrompt prompt, VisualTokens tokens) {
        int[] ids = prompt.ids();
        List<VisualInput> visuals = prompt.visuals();
        int image = tokens.placeholder(VisualInput.Kind.IMAGE);
        int video = tokens.placeholder(VisualInput.Kind.VIDEO);
        List<Span> spans = new ArrayList<>();
        int index = 0;
        while (index < ids.length) {
            if (ids[index] != image && ids[index] != video) {
                requireKnown(ids[index], index, tokens.vocabulary());
                index++;
                continue;
            }
            if (spans.size() == visuals.size()) {
                throw ServingException.invalid(
                        "reading the prompt: token %d is a placeholder, but the %d images and videos given are all placed",
                        index, visuals.size());
            }
            VisualInput visual = visuals.get(spans.size());
            Span span = new Span(tokens.span(visual, index), visual);
            requirePlaceholders(ids, span, tokens.placeholder(visual.kind()));
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

    private static void requirePlaceholders(int[] ids, Span span, int placeholder) {
        int found = 0;
        while (found < span.tokens() && span.start() + found < ids.length && ids[span.start() + found] == placeholder) {
            found++;
        }
        if (found < span.tokens()) {
            throw ServingException.invalid(
                    "reading the prompt: expected %d placeholders with id %d for the %s at token %d, got %d",
                    span.tokens(), placeholder, span.visual().kind(), span.start(), found);
        }
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

    List<VisualSpan> visuals() {
        return spans.stream().map(Span::at).toList();
    }

    /** @return which tokens see which in sparse layers: a slice has a cell for each token that the model leaves of it */
    public SparsePattern pattern(SparseReach reach) {
        List<VisualRun> runs = spans.stream()
                .map(Span::at)
                .map(at -> new VisualRun(at.start(), at.slices(), at.rows() * at.columns()))
                .toList();
        return new SparsePattern(ids.length, runs, reach);
    }
}
