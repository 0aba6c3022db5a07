package dev.purekv.triton;

import dev.purekv.ServingException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The input tensors of one request, copied out of Triton's memory. */
final class TensorReader {
    /**
     * A tensor as it came, of a shape that fits its bytes unless it is BYTES.
     *
     * @param data little endian, row by row
     */
    record Tensor(String name, Datatype type, long[] shape, byte[] data) {}

    private final Map<String, Tensor> byName = new HashMap<>();

    private TensorReader() {}

    static TensorReader of(long request) {
        TensorReader reader = new TensorReader();
        int count = BackendApi.inputCount(request);
        for (int i = 0; i < count; i++) {
            long input = BackendApi.inputAt(request, i);
            String name = BackendApi.text(BackendApi.inputName(input));
            Datatype type = Datatype.of(BackendApi.inputType(input));
            long[] shape = BackendApi.inputShape(input);
            requireSize(name, type, shape, BackendApi.inputSize(input));
            reader.byName.put(name, new Tensor(name, type, shape, BackendApi.inputData(input)));
        }
        return reader;
    }

    /** Before the bytes are copied: a shape may claim anything. */
    private static void requireSize(String name, Datatype type, long[] shape, long bytes) {
        if (type.width() == 0) {
            return;
        }
        long expected = type.width();
        for (long dimension : shape) {
            // A product that does not fit is larger than any memory.
            expected = dimension < 0 || Math.multiplyHigh(expected, dimension) != 0 ? -1 : expected * dimension;
            if (expected < 0) {
                break;
            }
        }
        if (expected != bytes) {
            throw ServingException.invalid(
                    "input '%s' of type %s and shape %s must hold %s bytes, got %d",
                    name, type, Arrays.toString(shape), expected < 0 ? "more than any tensor can" : expected, bytes);
        }
    }

    /** A tensor of numbers; null when it is absent. */
    Tensor tensor(String name) {
        return byName.get(name);
    }

    /** The elements of a BYTES tensor; none when it is absent. */
    List<byte[]> elements(String name) {
        Tensor tensor = byName.get(name);
        if (tensor == null) {
            return List.of();
        }
        List<byte[]> elements = new ArrayList<>();
        ByteBuffer data = ByteBuffer.wrap(tensor.data()).order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            long length = data.remaining() < 4 ? -1 : Integer.toUnsignedLong(data.getInt());
            if (length < 0 || length > data.remaining()) {
                throw ServingException.invalid(
                        "input '%s': element %d is cut off: expected a length of 4 bytes and that many bytes, got %d bytes",
                        name, elements.size(), data.remaining());
            }
            byte[] element = new byte[(int) length];
            data.get(element);
            elements.add(element);
        }
        return elements;
    }

    /** The text of a BYTES tensor of one element; null when it is absent. */
    String text(String name) {
        List<byte[]> elements = elements(name);
        if (elements.isEmpty()) {
            return null;
        }
        if (elements.size() > 1) {
            throw ServingException.invalid("input '%s' must hold one text, got %d", name, elements.size());
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(elements.get(0)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ServingException.invalid("input '%s' must be UTF-8 text, got bytes that are not", name);
        }
    }

    /** The value of a BOOL tensor of one element; null when it is absent. */
    Boolean flag(String name) {
        Tensor tensor = byName.get(name);
        if (tensor == null) {
            return null;
        }
        if (tensor.data().length != 1) {
            throw ServingException.invalid(
                    "input '%s' must hold one boolean, got %d bytes", name, tensor.data().length);
        }
        return tensor.data()[0] != 0;
    }
}
