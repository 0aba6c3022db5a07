package dev.purekv.model.decoder;

import dev.purekv.model.VisualInput;
import org.bytedeco.pytorch.Tensor;

/** Turns an image or video into tokens of a decoder. */
@FunctionalInterface
public interface VisionEncoder {
    /**
     * @param tokens (tokens of the medium, C), slice after slice and row by row, written here
     * @param progress called between blocks of work; may throw to stop
     */
    void encode(VisualInput visual, Tensor tokens, Runnable progress);
}
