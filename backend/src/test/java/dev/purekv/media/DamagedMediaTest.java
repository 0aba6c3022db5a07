package dev.purekv.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.ResidentGrowth;
import dev.purekv.ServingException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class DamagedMediaTest {
    private static final List<String> CLIPS = List.of(
            "h264.mp4",
            "hevc.mp4",
            "av1.mp4",
            "vp8.webm",
            "vp9.webm",
            "animated.gif",
            "mjpeg.avi",
            "mpeg4.mp4",
            "trimmed.mp4",
            "fragmented.mp4");
    private static final List<String> PICTURES = List.of(
            "rgba.png",
            "palette4.png",
            "photo.jpg",
            "progressive.jpg",
            "turned-6.jpg",
            "lossy.webp",
            "alpha-lossless.webp",
            "still.gif",
            "offset.gif",
            "rgb.bmp");
    private static final MediaLimits LIMITS = MediaLimits.DEFAULT;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedClipsGiveFramesOrATypedError(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int decoded = 0;
        for (int i = 0; i < 100; i++) {
            byte[] clip = damaged(MediaGolden.bytes(CLIPS.get(i % CLIPS.size())), random);
            decoded += decodesClip(clip) ? 1 : 0;
        }
        assertThat(decoded).as("clips that survive their damage").isBetween(1, 99);
    }

    @ParameterizedTest
    @ValueSource(longs = {4, 5, 6})
    void damagedPicturesGivePixelsOrATypedError(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int decoded = 0;
        for (int i = 0; i < 100; i++) {
            decoded += decodesPicture(damaged(MediaGolden.bytes(PICTURES.get(i % PICTURES.size())), random)) ? 1 : 0;
        }
        assertThat(decoded).as("pictures that survive their damage").isBetween(1, 99);
    }

    @Test
    void givesAllMemoryBackHoweverItEnds() {
        round(10);
        long pointers = Pointer.totalCount();
        long growth = ResidentGrowth.smallest(() -> round(100));
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
        // A round opens 300 clips: one forgotten file buffer each would be 3 MB, one forgotten decoder far more.
        assertThat(growth).isLessThan(1L << 20);
    }

    private static void round(int times) {
        SplittableRandom random = new SplittableRandom(7);
        byte[] good = MediaGolden.bytes("h264.mp4");
        byte[] webp = MediaGolden.bytes("alpha.webp");
        for (int i = 0; i < times; i++) {
            assertThat(decodesClip(good)).isTrue();
            decodesClip(damaged(good, random));
            assertThat(decodesPicture(webp)).isTrue();
            decodesPicture(damaged(webp, random));
        }
    }

    private static boolean decodesClip(byte[] clip) {
        try {
            DecodedVideo video = VideoDecoder.decode(
                    clip,
                    LIMITS,
                    () -> false,
                    facts -> new FrameChoice(
                            FrameSampling.DEFAULT.choose(facts.frames(), facts.framesPerSecond()),
                            UnaryOperator.identity()));
            assertThat(video.frames()).isNotEmpty();
            return true;
        } catch (ServingException e) {
            assertThat(e.code()).isIn(ServingException.Code.INVALID_REQUEST, ServingException.Code.UNSUPPORTED);
            return false;
        }
    }

    private static boolean decodesPicture(byte[] picture) {
        try {
            PictureDecoder.decode(picture, LIMITS);
            return true;
        } catch (ServingException e) {
            assertThat(e.code()).isIn(ServingException.Code.INVALID_REQUEST, ServingException.Code.UNSUPPORTED);
            return false;
        }
    }

    /** Changes a few bytes, cuts a piece out, or puts one in. */
    private static byte[] damaged(byte[] whole, SplittableRandom random) {
        byte[] bytes = whole.clone();
        int kind = random.nextInt(4);
        if (kind == 0) {
            return java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length));
        }
        if (kind == 1) {
            int from = random.nextInt(bytes.length);
            System.arraycopy(
                    whole, from, bytes, random.nextInt(bytes.length - (bytes.length - from) + 1), bytes.length - from);
            return bytes;
        }
        for (int i = random.nextInt(1, kind == 2 ? 3 : 40); i > 0; i--) {
            int range = random.nextBoolean() ? Math.min(200, bytes.length) : bytes.length;
            bytes[random.nextInt(range)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
