package dev.purekv.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class MediaRefusalTest {
    @Test
    void refusesAHugePictureFromItsHeaderAlone() {
        byte[] png = MediaGolden.bytes("rgb.png");
        ByteBuffer.wrap(png).putInt(16, 20_000).putInt(20, 20_000);
        CRC32 crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());

        assertRefused(Code.INVALID_REQUEST, "at most 67108864 pixels, its header says 20000x20000", () -> picture(png));
    }

    @ParameterizedTest
    @CsvSource({
        "cmyk.jpg, UNSUPPORTED, CMYK",
        "animated.webp, UNSUPPORTED, animation",
        "h264.mp4, INVALID_REQUEST, none of these",
        "audio.mp4, INVALID_REQUEST, none of these"
    })
    void refusesWhatIsNoStillPicture(String name, Code code, String why) {
        assertRefused(code, why, () -> picture(MediaGolden.bytes(name)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"rgb.png", "photo.jpg", "progressive.jpg", "lossy.webp", "lossless.webp", "still.gif", "rgb.bmp"
            })
    void refusesAPictureThatIsCutShort(String name) {
        byte[] whole = MediaGolden.bytes(name);
        for (int length : new int[] {1, 7, 20, whole.length / 2, whole.length - 3}) {
            byte[] cut = Arrays.copyOf(whole, length);
            if (name.endsWith(".gif") && length == whole.length - 3) {
                continue; // only the trailer and the end of the last block are missing: all pixels are there
            }
            assertRefused(Code.INVALID_REQUEST, "picture", () -> picture(cut));
        }
    }

    @Test
    void refusesAJpegOfThousandsOfScans() {
        byte[] jpeg = MediaGolden.bytes("progressive.jpg");
        int scan = indexOf(jpeg, (byte) 0xDA);
        byte[] header = Arrays.copyOf(jpeg, scan);
        byte[] one = Arrays.copyOfRange(jpeg, scan, scan + 30);
        ByteBuffer many = ByteBuffer.allocate(header.length + 5000 * 12 + 2).put(header);
        for (int i = 0; i < 5000; i++) {
            many.put(one, 0, 10).put(new byte[] {0, 0});
        }
        many.put(new byte[] {(byte) 0xFF, (byte) 0xD9});
        assertRefused(Code.INVALID_REQUEST, "at most 100 scans", () -> picture(many.array()));
    }

    private static int indexOf(byte[] jpeg, byte marker) {
        for (int i = 0; ; i++) {
            if (jpeg[i] == (byte) 0xFF && jpeg[i + 1] == marker) {
                return i;
            }
        }
    }

    @Test
    void refusesNoBytesAndTooManyBytes() {
        MediaLimits small = new MediaLimits(1 << 20, 1 << 20, 100, Duration.ofMinutes(1), 100, Duration.ofMinutes(1));
        assertRefused(Code.INVALID_REQUEST, "got 0 bytes", () -> picture(new byte[0]));
        assertRefused(Code.INVALID_REQUEST, "got 0 bytes", () -> video(new byte[0], MediaLimits.DEFAULT));
        assertRefused(Code.INVALID_REQUEST, "'max_media_bytes'", () -> video(MediaGolden.bytes("odd.mp4"), small));
    }

    @ParameterizedTest
    @CsvSource({"rgb.png, none of these", "audio.mp4, none of them is video", "hourly.mp4, at most 1800 seconds"})
    void refusesWhatIsNoClipWithinLimits(String name, String why) {
        assertRefused(Code.INVALID_REQUEST, why, () -> video(MediaGolden.bytes(name), MediaLimits.DEFAULT));
    }

    @Test
    @Timeout(5)
    void refusesAClipOfThreeHoursWithoutDecodingIt() throws IOException {
        byte[] endless;
        try (var in = new GZIPInputStream(new ByteArrayInputStream(MediaGolden.bytes("endless.webm.gz")))) {
            endless = in.readAllBytes();
        }
        assertRefused(Code.INVALID_REQUEST, "at most 1800 seconds", () -> video(endless, MediaLimits.DEFAULT));
        MediaLimits day = withTime(Duration.ofHours(24), 54_000, Duration.ofMinutes(2));
        assertRefused(Code.INVALID_REQUEST, "'max_video_frames'", () -> video(endless, day));
    }

    @Test
    void refusesFramesLargerThanTheLimit() {
        MediaLimits small = new MediaLimits(1 << 20, 3000, 100, Duration.ofMinutes(1), 1 << 20, Duration.ofMinutes(1));
        assertRefused(
                Code.INVALID_REQUEST,
                "at most 3000 pixels, its header says 64x48",
                () -> video(MediaGolden.bytes("odd.mp4"), small));
    }

    @Test
    void refusesAClipWhoseDecodingTakesTooLong() {
        MediaLimits hasty = withTime(Duration.ofMinutes(1), 100, Duration.ofNanos(1));
        assertRefused(Code.OUT_OF_CAPACITY, "'max_decode_seconds'", () -> video(MediaGolden.bytes("odd.mp4"), hasty));
    }

    @ParameterizedTest
    @CsvSource({
        "h264.mp4, cut short",
        "faststart.mp4, cut short",
        "vp9.webm, ends",
        "animated.gif, ends before",
        "mjpeg.avi, ends"
    })
    void refusesAClipThatIsCutShort(String name, String why) {
        byte[] whole = MediaGolden.bytes(name);
        for (int percent : new int[] {30, 60, 90}) {
            byte[] cut = Arrays.copyOf(whole, whole.length * percent / 100);
            assertRefused(Code.INVALID_REQUEST, why, () -> video(cut, MediaLimits.DEFAULT));
        }
    }

    @Test
    void saysThatTheIndexIsMissing() {
        byte[] mp4 = MediaGolden.bytes("h264.mp4");
        int moov = new String(mp4, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("moov") - 4;
        assertRefused(
                Code.INVALID_REQUEST,
                "expected an index (moov)",
                () -> video(Arrays.copyOf(mp4, moov), MediaLimits.DEFAULT));
    }

    @Test
    void stopsSoonAfterACancellation() {
        AtomicInteger asked = new AtomicInteger();
        assertRefused(
                Code.CANCELLED,
                "cancelled",
                () -> VideoDecoder.decode(
                        MediaGolden.bytes("h264.mp4"),
                        MediaLimits.DEFAULT,
                        () -> asked.incrementAndGet() > 40,
                        facts -> new FrameChoice(new int[] {0}, UnaryOperator.identity())));
        assertThat(asked.get()).isEqualTo(41);
    }

    private static MediaLimits withTime(Duration playing, int frames, Duration decoding) {
        return new MediaLimits(1 << 20, 1 << 20, frames, playing, 64 << 20, decoding);
    }

    private static void picture(byte[] encoded) {
        PictureDecoder.decode(encoded, MediaLimits.DEFAULT);
    }

    private static void video(byte[] encoded, MediaLimits limits) {
        VideoDecoder.decode(
                encoded, limits, () -> false, facts -> new FrameChoice(new int[] {0}, UnaryOperator.identity()));
    }

    private static void assertRefused(Code code, String why, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ServingException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(why);
    }
}
