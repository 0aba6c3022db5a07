package dev.purekv.media;

import dev.purekv.ServingException;
import java.time.Duration;

/**
 * How much work and memory one encoded picture or clip may cost. Each limit is checked from headers, before anything is
 * decoded, and again while decoding where a header can lie. A refusal names the model's parameter that sets the limit.
 *
 * @param imagePixels pixels of one picture
 * @param videoPixels pixels of one frame of a clip; decoders hold up to 17 of them
 * @param videoFrames frames of a clip before sampling, for all of them must be decoded
 * @param videoDuration playing time of a clip
 * @param encodedBytes bytes of one encoded picture or clip
 * @param decodeTime time that one picture or clip may take
 */
public record MediaLimits(
        long imagePixels,
        long videoPixels,
        int videoFrames,
        Duration videoDuration,
        long encodedBytes,
        Duration decodeTime) {
    public static final String PICTURE_PIXELS = "max_picture_pixels";
    public static final String VIDEO_PIXELS = "max_video_pixels";
    public static final String VIDEO_FRAMES = "max_video_frames";
    public static final String VIDEO_SECONDS = "max_video_seconds";
    public static final String MEDIA_BYTES = "max_media_bytes";
    public static final String DECODE_SECONDS = "max_decode_seconds";

    /** 64 megapixels, 4096x2304 clips of half an hour at 30 frames per second, 512 MiB, two minutes. */
    public static final MediaLimits DEFAULT =
            new MediaLimits(64L << 20, 4096L * 2304, 54_000, Duration.ofMinutes(30), 512L << 20, Duration.ofMinutes(2));

    public MediaLimits {
        if (imagePixels < 1 || videoPixels < 1 || videoFrames < 1 || encodedBytes < 1) {
            throw new IllegalArgumentException("media limits must be at least 1");
        }
        if (videoDuration.isNegative() || videoDuration.isZero() || decodeTime.isNegative() || decodeTime.isZero()) {
            throw new IllegalArgumentException("media durations must be positive");
        }
    }

    void checkBytes(String what, byte[] encoded) {
        if (encoded.length == 0) {
            throw ServingException.invalid("reading %s: expected an encoded file, got 0 bytes", what);
        }
        if (encoded.length > encodedBytes) {
            throw ServingException.invalid(
                    "reading %s: expected at most %d bytes, got %d; send a smaller file, or raise the model's parameter '%s'",
                    what, encodedBytes, encoded.length, MEDIA_BYTES);
        }
    }

    void checkImage(int width, int height) {
        checkPixels("a picture", width, height, imagePixels, PICTURE_PIXELS);
    }

    void checkVideo(int width, int height) {
        checkPixels("a video", width, height, videoPixels, VIDEO_PIXELS);
    }

    private static void checkPixels(String what, int width, int height, long limit, String name) {
        if (width < 1 || height < 1) {
            throw ServingException.invalid(
                    "reading %s: expected at least 1x1 pixels, its header says %dx%d", what, width, height);
        }
        if ((long) width * height > limit) {
            throw ServingException.invalid(
                    "reading %s: expected at most %d pixels, its header says %dx%d = %d; scale it down before sending, or raise the "
                            + "model's parameter '%s'",
                    what, limit, width, height, (long) width * height, name);
        }
    }

    void checkDuration(double seconds) {
        double limit = videoDuration.toMillis() / 1000.0;
        if (seconds > limit) {
            throw ServingException.invalid(
                    "reading a video: expected at most %.0f seconds, got %.0f; cut it into shorter clips, or raise the model's parameter '%s'",
                    limit, seconds, VIDEO_SECONDS);
        }
    }

    void checkFrames(int frames) {
        if (frames > videoFrames) {
            throw ServingException.invalid(
                    "reading a video: expected at most %d frames, got more; cut it into shorter clips, or raise the model's parameter "
                            + "'%s'",
                    videoFrames, VIDEO_FRAMES);
        }
    }
}
