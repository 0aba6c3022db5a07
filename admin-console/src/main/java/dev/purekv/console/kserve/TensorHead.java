package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * What a request says of an input besides its elements.
 *
 * @param binaryBytes how many bytes after the JSON are its; null when its elements are in the JSON
 * @param inJson whether it has {@code data}
 */
record TensorHead(String name, String datatype, long[] shape, Long binaryBytes, boolean inJson) {
    private static final Map<String, Integer> WIDTHS = Map.ofEntries(
            Map.entry("BOOL", 1),
            Map.entry("UINT8", 1),
            Map.entry("INT8", 1),
            Map.entry("UINT16", 2),
            Map.entry("INT16", 2),
            Map.entry("FP16", 2),
            Map.entry("BF16", 2),
            Map.entry("UINT32", 4),
            Map.entry("INT32", 4),
            Map.entry("FP32", 4),
            Map.entry("UINT64", 8),
            Map.entry("INT64", 8),
            Map.entry("FP64", 8),
            Map.entry("BYTES", 0));

    /** @throws Refusal 400 for an input that lacks something, or says two things */
    TensorHead {
        if (name == null || datatype == null || shape == null) {
            throw Refusal.invalid(
                    "input '" + (name == null ? "" : name) + "' needs 'name', 'shape' and 'datatype', and has no '"
                            + (name == null ? "name" : shape == null ? "shape" : "datatype") + "'");
        }
        if (!WIDTHS.containsKey(datatype)) {
            throw Refusal.invalid("input '" + name + "' has unknown datatype '" + datatype + "'");
        }
        if (inJson == (binaryBytes != null)) {
            throw Refusal.invalid("input '" + name + "' must have its elements either in 'data' or in the parameter"
                    + " 'binary_data_size' and after the JSON, got " + (inJson ? "both" : "neither"));
        }
        if (elements(shape) < 0) {
            throw Refusal.invalid("input '" + name + "' has the shape " + Arrays.toString(shape)
                    + ": expected sizes of 0 or more, of at most 2^31 elements together");
        }
        int width = WIDTHS.get(datatype);
        if (binaryBytes != null && width > 0 && binaryBytes != elements(shape) * width) {
            throw Refusal.invalid("input '" + name + "' of type " + datatype + " and shape " + Arrays.toString(shape)
                    + " must have a 'binary_data_size' of " + elements(shape) * width + ", got " + binaryBytes);
        }
    }

    /** Bytes of an element; 0 for BYTES, where elements differ. */
    static int width(String datatype) {
        Integer width = WIDTHS.get(datatype);
        if (width == null) {
            throw Refusal.invalid("unknown datatype '" + datatype + "'");
        }
        return width;
    }

    long elements() {
        return elements(shape);
    }

    /** @return -1 when there is a negative size, or too many */
    private static long elements(long[] shape) {
        long product = 1;
        for (long size : shape) {
            if (size < 0 || size > Integer.MAX_VALUE) {
                return -1;
            }
            product = Math.min(product * size, 1L << 32); // no overflow: both are below 2^33
        }
        return product > Integer.MAX_VALUE ? -1 : product;
    }

    /** @param data all of its bytes */
    TensorData binary(byte[] data) {
        if (datatype.equals("BYTES")) {
            requireWholeElements(data);
        }
        return new TensorData(name, datatype, shape, data);
    }

    private void requireWholeElements(byte[] data) {
        ByteBuffer rest = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long count = 0;
        while (rest.hasRemaining()) {
            long length = rest.remaining() < 4 ? Long.MAX_VALUE : Integer.toUnsignedLong(rest.getInt());
            if (length > rest.remaining()) {
                throw Refusal.invalid("input '" + name + "' of type BYTES, element " + count
                        + ": expected a length of 4 bytes and that many bytes, got fewer");
            }
            rest.position(rest.position() + (int) length);
            count++;
        }
        if (count != elements()) {
            throw wrongCount(count);
        }
    }

    Refusal wrongCount(long found) {
        return Refusal.invalid("input '" + name + "' of shape " + Arrays.toString(shape) + " must have " + elements()
                + " elements, got " + found);
    }
}
