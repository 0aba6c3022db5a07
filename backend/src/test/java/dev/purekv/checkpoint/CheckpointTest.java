package dev.purekv.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException;
import dev.purekv.ServingException.Code;
import dev.purekv.checkpoint.TensorFiles.Raw;
import dev.purekv.tensor.ComputeDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(NoNativeLeak.class)
class CheckpointTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void readsFloat32AtAnyAlignment(int padding) {
        store(Map.of("a", floats(1, 2, 3, 4, 5, 6)), padding);
        try (Checkpoint checkpoint = open()) {
            assertThat(numbers(checkpoint.weights().take("a", 6))).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void mapsFloat32InsteadOfCopyingIt() {
        store(Map.of("a", floats(1, 2)), 0);
        store(Map.of("a", floats(1, 2)), (int) (8 - dataOffset() % 8));
        try (Checkpoint checkpoint = open()) {
            Weights weights = checkpoint.weights();
            assertThat(weights.take("a", 2).data_ptr().address())
                    .isEqualTo(weights.take("a", 2).data_ptr().address());
        }
    }

    @Test
    void widensBfloat16AndFloat16Exactly() {
        // 1.5 and -0.15625 in either type
        store(
                Map.of(
                        "b",
                        new Raw("BF16", List.of(2L), shorts(0x3fc0, 0xbe20)),
                        "h",
                        new Raw("F16", List.of(2L), shorts(0x3e00, 0xb100))),
                0);
        try (Checkpoint checkpoint = open()) {
            assertThat(numbers(checkpoint.weights().take("b", 2))).containsExactly(1.5f, -0.15625f);
            assertThat(numbers(checkpoint.weights().take("h", 2))).containsExactly(1.5f, -0.15625f);
            assertThat(checkpoint.takenBytes()).isEqualTo(16);
        }
    }

    @Test
    void keepsTakenWeightsAliveAfterItIsClosed() {
        store(Map.of("a", floats(7, 8)), 0);
        Tensor taken;
        try (Checkpoint checkpoint = open()) {
            taken = checkpoint.weights().take("a", 2);
        }
        assertThat(numbers(taken)).containsExactly(7, 8);
    }

    @Test
    void findsWeightsByPathAndCanonicalName() {
        store(Map.of("model.layers.1.w.weight", floats(3)), 0);
        try (Checkpoint checkpoint = Checkpoint.open(directory, ComputeDevice.CPU, name -> name.substring(6))) {
            Tensor weight = checkpoint.weights().at("layers").at(1).at("w").take("weight", 1);
            assertThat(numbers(weight)).containsExactly(3);
        }
    }

    @Test
    void joinsShards() {
        TensorFiles.writeSharded(directory, new TreeMap<>(Map.of("a", floats(1), "b", floats(2), "c", floats(3))));
        try (Checkpoint checkpoint = open()) {
            Weights weights = checkpoint.weights();
            assertThat(numbers(weights.take("a", 1))).containsExactly(1);
            assertThat(numbers(weights.take("b", 1))).containsExactly(2);
            assertThat(numbers(weights.take("c", 1))).containsExactly(3);
        }
    }

    @Test
    void readsBeyondTwoGibibytes() throws IOException {
        long large = 600_000_000;
        String header =
                "{\"large\":{\"dtype\":\"F32\",\"shape\":[%d],\"data_offsets\":[0,%d]},".formatted(large, 4 * large)
                        + "\"last\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}"
                                .formatted(4 * large, 4 * large + 4);
        header += " ".repeat(8 - header.length() % 8);
        // A hole in the file stands for the large tensor, so the test writes a few hundred bytes.
        try (RandomAccessFile file = new RandomAccessFile(single().toFile(), "rw")) {
            ByteBuffer length =
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length());
            file.write(length.array());
            file.write(header.getBytes(StandardCharsets.US_ASCII));
            file.seek(8 + header.length() + 4 * large);
            file.write(floats(42).bytes());
        }
        try (Checkpoint checkpoint = open()) {
            assertThat(numbers(checkpoint.weights().take("last", 1))).containsExactly(42);
            assertThat(checkpoint.weights().take("large", large).nbytes()).isEqualTo(4 * large);
        }
    }

    @Test
    void namesAMissingTensor() {
        store(Map.of("a", floats(1)), 0);
        try (Checkpoint checkpoint = open()) {
            refuses(Code.INVALID_REQUEST, () -> checkpoint.weights().at("x").take("weight", 2, 3))
                    .contains("expected a tensor x.weight of shape [2, 3], found none");
        }
    }

    @Test
    void namesATensorOfAnotherShape() {
        store(Map.of("a", floats(1, 2)), 0);
        try (Checkpoint checkpoint = open()) {
            refuses(Code.INVALID_REQUEST, () -> checkpoint.weights().take("a", 2, 1))
                    .contains("tensor a: expected shape [2, 1], got [2] in model.safetensors");
        }
    }

    @Test
    void namesATensorThatIsNoWeight() {
        store(Map.of("a", new Raw("I64", List.of(1L), new byte[8])), 0);
        try (Checkpoint checkpoint = open()) {
            refuses(Code.UNSUPPORTED, () -> checkpoint.weights().take("a", 1))
                    .contains("tensor a: expected weights of F32, F16 or BF16, got I64");
        }
    }

    @Test
    void namesTensorsThatNobodyTook() {
        store(Map.of("a", floats(1), "b", floats(2), "inv_freq", floats(3)), 0);
        try (Checkpoint checkpoint = open()) {
            checkpoint.weights().take("a", 1);
            refuses(Code.INVALID_REQUEST, () -> checkpoint.requireAllTaken("inv_freq"::equals))
                    .contains("1 unknown tensors")
                    .contains("[b]");
            checkpoint.weights().take("b", 1);
            checkpoint.requireAllTaken("inv_freq"::equals);
        }
    }

    @Test
    void acceptsASecondCopyOnlyWithTheSameNumbers() {
        store(Map.of("a", floats(1, 2), "same", floats(1, 2), "other", floats(1, 3)), 0);
        try (Checkpoint checkpoint = open()) {
            Tensor original = checkpoint.weights().take("a", 2);
            checkpoint.weights().requireCopy("same", original);
            checkpoint.weights().requireCopy("absent", original);
            checkpoint.requireAllTaken("other"::equals);
            refuses(Code.INVALID_REQUEST, () -> checkpoint.weights().requireCopy("other", original))
                    .contains("other is shared, but the file holds other numbers");
        }
    }

    @Test
    void refusesTwoNamesOfOneTensor() {
        store(Map.of("A", floats(1), "a", floats(2)), 0);
        UnaryOperator<String> lower = String::toLowerCase;
        refuses(Code.INVALID_REQUEST, () -> Checkpoint.open(directory, ComputeDevice.CPU, lower))
                .contains("two names of one tensor");
    }

    @Test
    void refusesADirectoryWithoutWeights() {
        refuses(Code.NOT_FOUND, this::open).contains(directory.toString()).contains("found neither");
    }

    @Test
    void refusesAMissingShard() throws IOException {
        TensorFiles.writeSharded(directory, Map.of("a", floats(1), "b", floats(2)));
        Files.delete(directory.resolve("model-00002-of-00002.safetensors"));
        refuses(Code.NOT_FOUND, this::open).contains("the shard model-00002-of-00002.safetensors");
    }

    @Test
    void refusesShardsThatDisagreeWithTheirIndex() {
        TensorFiles.writeSharded(directory, Map.of("a", floats(1), "b", floats(2)));
        TensorFiles.write(directory.resolve("model-00001-of-00002.safetensors"), Map.of("c", floats(3)), 0);
        refuses(Code.INVALID_REQUEST, this::open).contains("only in the file [c]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"weight_map\":{}}",
                "{\"weight_map\":{\"a\":7}}",
                "{\"weight_map\":{\"a\":\"../model.safetensors\"}}",
                "{\"weight_map\":{\"a\":\"model.bin\"}}"
            })
    void refusesABrokenIndex(String index) throws IOException {
        Files.writeString(directory.resolve("model.safetensors.index.json"), index);
        refuses(Code.INVALID_REQUEST, this::open).contains("model.safetensors.index.json");
    }

    private Path single() {
        return directory.resolve("model.safetensors");
    }

    private Checkpoint open() {
        return Checkpoint.open(directory, ComputeDevice.CPU, UnaryOperator.identity());
    }

    private void store(Map<String, Raw> tensors, int padding) {
        TensorFiles.write(single(), new TreeMap<>(tensors), padding);
    }

    private long dataOffset() {
        return SafetensorsHeader.read(single()).get(0).offset();
    }

    private static Raw floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new Raw("F32", List.of((long) values.length), bytes.array());
    }

    private static byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    private static float[] numbers(Tensor tensor) {
        float[] numbers = new float[(int) tensor.numel()];
        tensor.data_ptr_float().get(numbers);
        return numbers;
    }

    private static AbstractStringAssert<?> refuses(Code code, ThrowingCallable action) {
        ServingException refusal = catchThrowableOfType(ServingException.class, action);
        assertThat(refusal.code()).isEqualTo(code);
        return assertThat(refusal.getMessage());
    }
}
