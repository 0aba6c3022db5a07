package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassificationTest {
    private static TensorData tensor(String datatype, int bytes, Consumer<ByteBuffer> fill, long... shape) {
        ByteBuffer data = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        fill.accept(data);
        return new TensorData("t", datatype, shape, data.array());
    }

    private static TensorData floats(long[] shape, float... values) {
        return tensor(
                "FP32",
                4 * values.length,
                data -> {
                    for (float value : values) {
                        data.putFloat(value);
                    }
                },
                shape);
    }

    private static List<String> top(TensorData tensor, int classes, boolean batched) {
        return texts(Classification.of(tensor, classes, batched, index -> ""));
    }

    private static List<String> texts(TensorData tensor) {
        ByteBuffer data = ByteBuffer.wrap(tensor.data()).order(ByteOrder.LITTLE_ENDIAN);
        List<String> texts = new ArrayList<>();
        while (data.hasRemaining()) {
            byte[] text = new byte[data.getInt()];
            data.get(text);
            texts.add(new String(text, StandardCharsets.UTF_8));
        }
        return texts;
    }

    @Test
    void theLargestComeFirstAndEqualOnesByTheirIndex() {
        TensorData tensor = floats(new long[] {5}, 0.5f, 2, -1, 2, 0.25f);
        assertThat(top(tensor, 3, false)).containsExactly("2.000000:1", "2.000000:3", "0.500000:0");
        assertThat(Classification.of(tensor, 9, false, index -> "").shape()).containsExactly(5);
    }

    @Test
    void eachOfABatchIsClassifiedForItself() {
        TensorData tensor = floats(new long[] {2, 3}, 1, 2, 3, 6, 5, 4);
        assertThat(top(tensor, 2, true)).containsExactly("3.000000:2", "2.000000:1", "6.000000:0", "5.000000:1");
        assertThat(Classification.of(tensor, 2, true, index -> "").shape()).containsExactly(2, 2);
        assertThat(top(tensor, 1, false)).containsExactly("6.000000:3");
    }

    @Test
    void labelsFollowTheIndex() {
        TensorData tensor = floats(new long[] {2}, 1, 2);
        assertThat(texts(Classification.of(tensor, 2, false, index -> index == 1 ? "gr\u00fcn" : "")))
                .containsExactly("2.000000:1:gr\u00fcn", "1.000000:0");
    }

    @Test
    void wholeNumbersAreOrderedByTheirSign() {
        assertThat(top(tensor("UINT64", 16, data -> data.putLong(-1).putLong(5), 2), 2, false))
                .containsExactly("18446744073709551615:0", "5:1");
        assertThat(top(tensor("INT64", 16, data -> data.putLong(-1).putLong(Long.MAX_VALUE), 2), 2, false))
                .containsExactly("9223372036854775807:1", "-1:0");
        assertThat(top(tensor("UINT8", 2, data -> data.put((byte) -1).put((byte) 1), 2), 1, false))
                .containsExactly("255:0");
        assertThat(top(tensor("INT8", 2, data -> data.put((byte) -1).put((byte) 1), 2), 1, false))
                .containsExactly("1:1");
        assertThat(top(tensor("UINT16", 4, data -> data.putShort((short) -1).putShort((short) 1), 2), 1, false))
                .containsExactly("65535:0");
        assertThat(top(tensor("UINT32", 8, data -> data.putInt(-1).putInt(1), 2), 1, false))
                .containsExactly("4294967295:0");
        assertThat(top(tensor("INT16", 4, data -> data.putShort((short) -1).putShort((short) 1), 2), 1, false))
                .containsExactly("1:1");
        assertThat(top(tensor("INT32", 8, data -> data.putInt(-1).putInt(1), 2), 1, false))
                .containsExactly("1:1");
        assertThat(top(tensor("FP64", 16, data -> data.putDouble(0.1).putDouble(-0.1), 2), 1, false))
                .containsExactly("0.100000:0");
    }

    @Test
    void nothingHasNoClasses() {
        assertThat(top(floats(new long[] {0}), 3, false)).isEmpty();
        assertThat(top(floats(new long[] {0, 4}), 3, true)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BYTES", "BOOL", "FP16", "BF16"})
    void whatHasNoOrderIsRefused(String datatype) {
        assertThatThrownBy(() -> top(new TensorData("t", datatype, new long[] {1}, new byte[2]), 1, false))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining("class result not available for output 't'", datatype);
    }
}
