package dev.purekv.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(NoNativeLeak.class)
class PictureDecoderTest {
    static Stream<String> pictures() {
        return MediaGolden.json().get("pictures").propertyNames().stream();
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void givesTheVeryPixelsOfPillow(String name) {
        JsonNode golden = MediaGolden.json().get("pictures").get(name);

        Frame frame = PictureDecoder.decode(MediaGolden.bytes(name), MediaLimits.DEFAULT);

        assertThat(frame.width()).isEqualTo(golden.get("width").asInt());
        assertThat(frame.height()).isEqualTo(golden.get("height").asInt());
        assertThat(MediaGolden.difference(
                        frame.rgb(), MediaGolden.picture(name + ".golden.png").rgb()))
                .isEqualTo("equal");
        assertThat(MediaGolden.sha256(frame.rgb()))
                .isEqualTo(golden.get("sha256").asString());
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void resizesToTheVeryPixelsOfPillow(String name) {
        JsonNode golden = MediaGolden.json().get("pictures").get(name);
        Frame frame = PictureDecoder.decode(MediaGolden.bytes(name), MediaLimits.DEFAULT);

        SmartResize size = SmartResize.of(frame.height(), frame.width(), 28, new PixelBounds(3136, 12845056));
        Frame resized = PillowBicubic.resize(frame, size.width(), size.height());

        assertThat(size.width()).isEqualTo(golden.get("resizedWidth").asInt());
        assertThat(size.height()).isEqualTo(golden.get("resizedHeight").asInt());
        assertThat(MediaGolden.sha256(resized.rgb()))
                .isEqualTo(golden.get("resizedSha256").asString());
    }
}
