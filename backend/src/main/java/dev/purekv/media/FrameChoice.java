package dev.purekv.media;

import java.util.function.UnaryOperator;

/**
 * The frames that are wanted of a clip.
 *
 * @param indices ascending, each at most once
 * @param prepare what becomes of each chosen frame at once, so that no full-sized frame is kept (usually resizing)
 */
public record FrameChoice(int[] indices, UnaryOperator<Frame> prepare) {}
