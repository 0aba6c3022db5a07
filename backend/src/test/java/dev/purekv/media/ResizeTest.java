package dev.purekv.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.purekv.ServingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class ResizeTest {
    /** The generator of make_media_goldens.py. */
    static Frame noise(int width, int height, int seed) {
        byte[] rgb = new byte[width * height * 3];
        long x = seed;
        for (int i = 0; i < rgb.length; i++) {
            x = (x * 1103515245 + 12345) & 0x7FFFFFFF;
            rgb[i] = (byte) (x >> 16);
        }
        return new Frame(width, height, rgb);
    }

    @Test
    void resizesNoiseToTheVeryPixelsOfPillow() {
        for (JsonNode golden : MediaGolden.json().get("resize")) {
            Frame source = noise(
                    golden.get("width").asInt(),
                    golden.get("height").asInt(),
                    golden.get("seed").asInt());
            Frame resized = PillowBicubic.resize(
                    source,
                    golden.get("toWidth").asInt(),
                    golden.get("toHeight").asInt());
            assertThat(MediaGolden.sha256(resized.rgb()))
                    .as(golden.toString())
                    .isEqualTo(golden.get("sha256").asString());
        }
    }

    @Test
    void leavesAPictureOfTheAskedSizeAlone() {
        Frame source = noise(56, 28, 1);
        assertThat(PillowBicubic.resize(source, 56, 28)).isSameAs(source);
    }

    @Test
    void agreesWithSmartResizeOfTheReference() {
        for (JsonNode golden : MediaGolden.json().get("smartResize")) {
            int[] g = MediaGolden.ints(golden);
            assertThat(SmartResize.of(g[0], g[1], 28, new PixelBounds(g[2], g[3])))
                    .as(golden.toString())
                    .isEqualTo(new SmartResize(g[4], g[5]));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1365, 2048, 3136, 12845056, 1372, 2044",
        "720, 1280, 3136, 12845056, 728, 1288",
        "480, 640, 3136, 12845056, 476, 644",
        "42, 70, 3136, 12845056, 56, 56",
        "100, 30, 3136, 12845056, 112, 28",
        "37, 61, 3136, 12845056, 56, 84",
        "1365, 2048, 100352, 602112, 616, 924",
        "720, 1280, 100352, 602112, 560, 1008",
        "224, 224, 100352, 602112, 336, 336"
    })
    void roundsSidesToEvenAndKeepsTheAreaWithinBounds(int height, int width, long min, long max, int h, int w) {
        assertThat(SmartResize.of(height, width, 28, new PixelBounds(min, max))).isEqualTo(new SmartResize(h, w));
    }

    @Test
    void refusesAPictureTwoHundredTimesAsWideAsHigh() {
        assertThatThrownBy(() -> SmartResize.of(10, 2001, 28, new PixelBounds(3136, 12845056)))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("2001x10");
    }

    @Test
    void choosesTheFramesOfTheReference() {
        for (JsonNode golden : MediaGolden.json().get("sampling")) {
            int total = golden.get("total").asInt();
            double fps = golden.get("fps").asDouble();
            int[] indices = FrameSampling.DEFAULT.choose(total, fps);
            var bytes = java.nio.ByteBuffer.allocate(indices.length * 4).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(indices);
            assertThat(indices).hasSize(golden.get("count").asInt());
            assertThat(MediaGolden.sha256(bytes.array()))
                    .as(golden.toString())
                    .isEqualTo(golden.get("sha256").asString());
            assertThat((double) indices.length / total * fps)
                    .isCloseTo(golden.get("sampleFps").asDouble(), within(1e-9));
        }
    }
}
