package dev.purekv.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.NoNativeLeak;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(NoNativeLeak.class)
class VideoDecoderTest {
    static Stream<String> clips() {
        return MediaGolden.json().get("clips").propertyNames().stream();
    }

    static DecodedVideo decode(byte[] encoded, UnaryOperator<Frame> prepare) {
        return VideoDecoder.decode(
                encoded,
                MediaLimits.DEFAULT,
                () -> false,
                facts -> new FrameChoice(
                        FrameSampling.DEFAULT.choose(facts.frames(), facts.framesPerSecond()), prepare));
    }

    @ParameterizedTest
    @MethodSource("clips")
    void findsWhatTheReferenceFinds(String name) {
        JsonNode golden = MediaGolden.json().get("clips").get(name);

        DecodedVideo video = decode(MediaGolden.bytes(name), UnaryOperator.identity());

        VideoFacts facts = video.facts();
        assertThat(facts.frames()).isEqualTo(golden.get("frames").asInt());
        assertThat(facts.framesPerSecond()).isCloseTo(golden.get("fps").asDouble(), within(1e-9));
        assertThat(facts.width()).isEqualTo(golden.get("width").asInt());
        assertThat(facts.height()).isEqualTo(golden.get("height").asInt());
        assertThat(FrameSampling.DEFAULT.choose(facts.frames(), facts.framesPerSecond()))
                .isEqualTo(MediaGolden.ints(golden.get("indices")));
        assertThat(video.sampledFramesPerSecond())
                .isCloseTo(golden.get("sampleFps").asDouble(), within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("clips")
    void givesTheVeryPixelsOfPyAv(String name) {
        JsonNode golden = MediaGolden.json().get("clips").get(name);

        List<Frame> frames =
                decode(MediaGolden.bytes(name), UnaryOperator.identity()).frames();

        assertThat(frames)
                .extracting(frame -> MediaGolden.sha256(frame.rgb()))
                .isEqualTo(MediaGolden.strings(golden.get("sha256")));
    }

    @Test
    void givesTheSamePixelsOnSeveralThreadsAtOnce() {
        byte[] clip = MediaGolden.bytes("hevc.mp4");
        List<String> expected = MediaGolden.strings(
                MediaGolden.json().get("clips").get("hevc.mp4").get("sha256"));

        List<List<String>> found = IntStream.range(0, 32)
                .parallel()
                .mapToObj(i -> decode(clip, UnaryOperator.identity()).frames().stream()
                        .map(frame -> MediaGolden.sha256(frame.rgb()))
                        .toList())
                .toList();

        assertThat(found).containsOnly(expected);
    }
}
