package dev.purekv.settings;

import dev.purekv.ServingException;
import dev.purekv.media.MediaLimits;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Reads what pictures and clips may cost a model from config.pbtxt's parameters; what is not said stays the default. */
final class MediaLimitsReader {
    static final Set<String> NAMES = Set.of(
            MediaLimits.PICTURE_PIXELS,
            MediaLimits.VIDEO_PIXELS,
            MediaLimits.VIDEO_FRAMES,
            MediaLimits.VIDEO_SECONDS,
            MediaLimits.MEDIA_BYTES,
            MediaLimits.DECODE_SECONDS);

    /** Three bytes a pixel must fit an array. */
    private static final long MOST_PIXELS = 1L << 29;

    private static final long MOST_FRAMES = 10_000_000;
    private static final long MOST_SECONDS = 86_400;
    private static final long MOST_BYTES = 1L << 30;
    private static final long MOST_DECODE_SECONDS = 3600;

    private MediaLimitsReader() {}

    /** @throws ServingException INVALID_REQUEST naming the parameter, its value and its range */
    static MediaLimits read(Map<String, String> parameters) {
        MediaLimits fallback = MediaLimits.DEFAULT;
        return new MediaLimits(
                count(parameters, MediaLimits.PICTURE_PIXELS, fallback.imagePixels(), MOST_PIXELS),
                count(parameters, MediaLimits.VIDEO_PIXELS, fallback.videoPixels(), MOST_PIXELS),
                (int) count(parameters, MediaLimits.VIDEO_FRAMES, fallback.videoFrames(), MOST_FRAMES),
                Duration.ofSeconds(count(
                        parameters,
                        MediaLimits.VIDEO_SECONDS,
                        fallback.videoDuration().toSeconds(),
                        MOST_SECONDS)),
                bytes(parameters, fallback.encodedBytes()),
                Duration.ofSeconds(count(
                        parameters,
                        MediaLimits.DECODE_SECONDS,
                        fallback.decodeTime().toSeconds(),
                        MOST_DECODE_SECONDS)));
    }

    private static long count(Map<String, String> parameters, String name, long fallback, long most) {
        String value = parameters.get(name);
        if (value == null) {
            return fallback;
        }
        if (value.strip().matches("\\d{1,10}")) {
            long count = Long.parseLong(value.strip());
            if (count >= 1 && count <= most) {
                return count;
            }
        }
        throw ServingException.invalid(
                "config.pbtxt: parameter '%s' must be a number from 1 to %d, got '%s'", name, most, value);
    }

    private static long bytes(Map<String, String> parameters, long fallback) {
        String value = parameters.get(MediaLimits.MEDIA_BYTES);
        if (value == null) {
            return fallback;
        }
        return ByteCount.parse(value).stream()
                .filter(count -> count >= 1 && count <= MOST_BYTES)
                .findFirst()
                .orElseThrow(() -> ServingException.invalid(
                        "config.pbtxt: parameter '%s' must be a count of bytes such as 512MB, from 1 to 1GB, got '%s'",
                        MediaLimits.MEDIA_BYTES, value));
    }
}
