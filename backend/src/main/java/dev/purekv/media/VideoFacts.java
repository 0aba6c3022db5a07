package dev.purekv.media;

/**
 * What is known of a clip before its frames are chosen.
 *
 * @param frames that can be decoded and are meant to be shown
 * @param framesPerSecond on average
 * @param width pixels, upright
 * @param height pixels, upright
 */
public record VideoFacts(int frames, double framesPerSecond, int width, int height) {
    VideoFacts withFrames(int counted) {
        return new VideoFacts(counted, framesPerSecond, width, height);
    }
}
