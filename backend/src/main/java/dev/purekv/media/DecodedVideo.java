package dev.purekv.media;

import java.util.List;

/**
 * A clip's chosen frames.
 *
 * @param frames upright and prepared, in time order
 * @param sampledFramesPerSecond the rate at which the chosen frames follow each other
 */
public record DecodedVideo(VideoFacts facts, List<Frame> frames, double sampledFramesPerSecond) {
    public DecodedVideo {
        frames = List.copyOf(frames);
    }
}
