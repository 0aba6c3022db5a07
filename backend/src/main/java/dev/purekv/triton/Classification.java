package dev.purekv.triton;

import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * The largest elements of a tensor, as Triton's classification extension writes them: {@code value:index}, or
 * {@code value:index:label} where the model has labels. Decimals have six places.
 *
 * <p>Source: Triton's extension_classification.md. Equal elements come in the order of their index, where Triton leaves that
 * open.
 */
final class Classification {
    private final TensorData tensor;
    private final Datatype type;
    private final ByteBuffer data;

    private Classification(TensorData tensor) {
        this.tensor = tensor;
        this.type = Datatype.valueOf(tensor.datatype());
        this.data = ByteBuffer.wrap(tensor.data()).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * @param classes how many, if there are as many
     * @param batched whether the first dimension counts tensors that are classified each for itself
     * @param label of an index, or empty
     * @return BYTES [classes], or [first dimension, classes]
     * @throws ServerException INVALID_ARG for elements that have no order
     */
    static TensorData of(TensorData tensor, int classes, boolean batched, LongFunction<String> label) {
        return new Classification(tensor).top(classes, batched && tensor.shape().length > 0, label);
    }

    private TensorData top(int classes, boolean batched, LongFunction<String> label) {
        if (type.width() == 0 || type == Datatype.BOOL || type == Datatype.FP16 || type == Datatype.BF16) {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "class result not available for output '" + tensor.name() + "' due to unsupported type '" + type
                            + "'");
        }
        int elements = data.limit() / type.width();
        int batches = batched ? (int) tensor.shape()[0] : 1;
        int each = batches == 0 ? 0 : elements / batches;
        int taken = Math.min(classes, each);
        ByteArrayOutputStream texts = new ByteArrayOutputStream();
        for (int batch = 0; batch < batches; batch++) {
            for (int index : best(batch * each, each, taken)) {
                String name = label.apply(index);
                String text = words(batch * each + index) + ":" + index + (name.isEmpty() ? "" : ":" + name);
                byte[] utf8 = BackendApi.utf8(text);
                texts.writeBytes(ByteBuffer.allocate(4)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(utf8.length)
                        .array());
                texts.writeBytes(utf8);
            }
        }
        long[] shape = batched ? new long[] {batches, taken} : new long[] {taken};
        return new TensorData(tensor.name(), Datatype.BYTES.name(), shape, texts.toByteArray());
    }

    private List<Integer> best(int from, int count, int taken) {
        return IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing((Integer index) -> value(from + index), Classification::ascending)
                        .reversed())
                .limit(taken)
                .toList();
    }

    private static int ascending(Number one, Number other) {
        return one instanceof Long
                ? Long.compare(one.longValue(), other.longValue())
                : Double.compare(one.doubleValue(), other.doubleValue());
    }

    /** UINT64 is shifted by its sign, so that it orders as it should. */
    private Number value(int index) {
        int at = index * type.width();
        return switch (type) {
            case INT8 -> (long) data.get(at);
            case UINT8 -> data.get(at) & 0xffL;
            case INT16 -> (long) data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xffffL;
            case INT32 -> (long) data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xffffffffL;
            case INT64 -> data.getLong(at);
            case UINT64 -> data.getLong(at) ^ Long.MIN_VALUE;
            case FP32 -> (double) data.getFloat(at);
            default -> data.getDouble(at);
        };
    }

    private String words(int index) {
        Number value = value(index);
        if (value instanceof Double decimal) {
            return String.format(Locale.ROOT, "%f", decimal);
        }
        return type == Datatype.UINT64 ? Long.toUnsignedString(value.longValue() ^ Long.MIN_VALUE) : value.toString();
    }
}
