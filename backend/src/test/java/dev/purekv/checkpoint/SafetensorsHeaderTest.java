package dev.purekv.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsHeaderTest {
    private Path file;

    @BeforeEach
    void nameFile(@TempDir Path directory) {
        file = directory.resolve("model.safetensors");
    }

    @Test
    void listsTensorsInTheOrderOfTheirBytes() {
        String header = "{\"__metadata__\":{\"format\":\"pt\"},\"late\":{\"dtype\":\"BF16\",\"shape\":[2,3],"
                + "\"data_offsets\":[4,16]},\"early\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}";
        TensorFiles.write(file, header, List.of(new byte[16]));
        long data = 8 + header.length();
        assertThat(SafetensorsHeader.read(file))
                .containsExactly(
                        new StoredTensor("early", StoredType.F32, List.of(), data, 4),
                        new StoredTensor("late", StoredType.BF16, List.of(2L, 3L), data + 4, 12));
    }

    @Test
    void acceptsAFileWithoutTensors() {
        TensorFiles.write(file, "{}", List.of());
        assertThat(SafetensorsHeader.read(file)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void rejectsAFileThatEndsInsideTheLength(int bytes) throws IOException {
        Files.write(file, new byte[bytes]);
        rejects("expected at least 8 bytes, got " + bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, the header is longer than the file",
        "100000001, expected a header of at most 100000000 bytes",
        "-1, 'at most 100000000 bytes, got 18446744073709551615'"
    })
    void rejectsAHeaderLengthThatCannotBe(long length, String problem) throws IOException {
        ByteBuffer start =
                ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        Files.write(file, start.array());
        rejects(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "no", "{\"a\":1", "{} {}", "{\"a\":{},\"a\":{}}"})
    void rejectsAHeaderThatIsNotSoundJson(String header) {
        TensorFiles.write(file, header, List.of());
        rejects(header.isEmpty() ? "JSON" : "the header is not sound JSON");
    }

    @Test
    void rejectsAHeaderThatIsNoObject() {
        TensorFiles.write(file, "[1]", List.of());
        rejects("expected the header to be a JSON object, got ARRAY");
    }

    @Test
    void rejectsATensorNamedTwice() {
        String tensor = "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}";
        TensorFiles.write(file, "{" + tensor + "," + tensor + "}", List.of(new byte[1]));
        rejects("Duplicate");
    }

    /** Two tensors of four bytes each, the second as given, in a file with this many bytes of data. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "F32; [1]; [5,9]; 9; tensor b: expected its data at offset 4, where the one before ends, got 5",
                "F32; [1]; [3,7]; 7; tensor b: expected its data at offset 4, where the one before ends, got 3",
                "F32; [1]; [0,4]; 8; expected its data at offset 4, where the one before ends, got 0",
                "F32; [2]; [4,8]; 8; tensor b: expected 8 bytes for F32 of shape [2], got 4",
                "F16; [1]; [4,8]; 8; tensor b: expected 2 bytes for F16 of shape [1], got 4",
                "F32; [1]; [4,8]; 9; for the tensors it lists, got",
                "F32; [1]; [4,8]; 7; tensor b: expected data_offsets [begin, end] within 7 bytes of data, got [4, 8]",
                "F32; [1]; [8,4]; 8; tensor b: expected data_offsets [begin, end] within 8 bytes",
                "F32; [1]; [4]; 8; tensor b: expected data_offsets [begin, end] within 8 bytes",
                "F32; [1]; 4; 8; tensor b: expected a list as data_offsets, got 4",
                "F32; [-1]; [4,8]; 8; tensor b: expected whole numbers in shape",
                "F32; [1.5]; [4,8]; 8; tensor b: expected whole numbers in shape",
                "F32; [99999999999999999999]; [4,8]; 8; tensor b: expected whole numbers in shape",
                "F32; [4611686018427387904,8]; [4,8]; 8; tensor b: its shape",
                "C64; [1]; [4,8]; 8; tensor b: expected a known dtype, got C64",
                "none; [1]; [4,8]; 8; tensor b: expected a known dtype, got none"
            })
    void rejectsATensorThatDoesNotFit(String dtype, String shape, String offsets, int bytes, String problem) {
        String header = ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}")
                .formatted(dtype, shape, offsets);
        TensorFiles.write(file, header, List.of(new byte[bytes]));
        rejects(problem);
    }

    private void rejects(String problem) {
        assertThatThrownBy(() -> SafetensorsHeader.read(file))
                .hasMessageContaining(file.toString())
                .hasMessageContaining(problem)
                .asInstanceOf(type(ServingException.class))
                .returns(ServingException.Code.INVALID_REQUEST, ServingException::code);
    }
}
