package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedMediaTest {
    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 26, '\n', 1, 2, 3};

    private static byte[] decode(String text) {
        return EncodedMedia.decode(text.getBytes(StandardCharsets.UTF_8), "video[0]");
    }

    @Test
    void base64WithAndWithoutLineBreaksIsDecoded() {
        byte[] file = new byte[100];
        assertThat(decode(Base64.getEncoder().encodeToString(file))).isEqualTo(file);
        assertThat(decode(Base64.getMimeEncoder().encodeToString(file))).isEqualTo(file);
    }

    @Test
    void aDataUriIsDecoded() {
        assertThat(decode("data:image/png;base64," + Base64.getEncoder().encodeToString(PNG)))
                .isEqualTo(PNG);
    }

    @Test
    void aFilesOwnBytesAreTakenAsTheyAre() {
        assertThat(EncodedMedia.decode(PNG, "image[0]")).isSameAs(PNG);
        byte[] gif = "GIF89aGIF89a".getBytes(StandardCharsets.US_ASCII);
        assertThat(EncodedMedia.decode(gif, "image[0]")).isSameAs(gif);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "***",
                "abcde",
                "data:video/mp4,plain",
                "data:video/mp4;base64",
                "",
                "data:video/mp4;base64,",
                "aGVsbG8 = x"
            })
    void anythingElseIsRefusedByName(String text) {
        assertThatThrownBy(() -> decode(text))
                .isInstanceOf(ServingException.class)
                .hasMessageContaining("video[0]");
    }

    @Test
    void addressesAreNotFetched() {
        assertThatThrownBy(() -> decode("https://example.org/a.mp4"))
                .isInstanceOfSatisfying(
                        ServingException.class, e -> assertThat(e.code()).isEqualTo(ServingException.Code.UNSUPPORTED));
    }
}
