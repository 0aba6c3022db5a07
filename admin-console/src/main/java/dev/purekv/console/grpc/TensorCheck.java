package dev.purekv.console.grpc;

import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Whether the bytes of an input are what its shape and datatype say, before they reach native code. */
final class TensorCheck {
    private static final int DIMENSIONS = 64;

    private TensorCheck() {}

    /** @throws dev.purekv.server.ServerException INVALID_ARG */
    static TensorData check(String name, WireType type, long[] shape, byte[] data) {
        long elements = elements(name, shape);
        if (type == WireType.BYTES) {
            requireElements(name, elements, shape, data);
        } else if (data.length != elements * type.width()) {
            throw Statuses.invalid("input '" + name + "' of type " + type + " and shape " + Arrays.toString(shape)
                    + " must have " + elements * type.width() + " bytes, got " + data.length);
        }
        return new TensorData(name, type.name(), shape, data);
    }

    private static long elements(String name, long[] shape) {
        if (shape.length > DIMENSIONS) {
            throw Statuses.invalid(
                    "input '" + name + "' has " + shape.length + " dimensions: at most " + DIMENSIONS + " are allowed");
        }
        long product = 1;
        boolean none = false;
        for (long size : shape) {
            none |= size == 0;
            // No overflow: both factors are below 2^32.
            product = size < 0 || size > Integer.MAX_VALUE ? Long.MAX_VALUE : Math.max(1, size) * product;
            if (product > Integer.MAX_VALUE) {
                throw Statuses.invalid("input '" + name + "' has the shape " + Arrays.toString(shape)
                        + ": expected sizes of 0 or more, of at most 2^31 elements together");
            }
        }
        return none ? 0 : product;
    }

    private static void requireElements(String name, long elements, long[] shape, byte[] data) {
        ByteBuffer rest = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long count = 0;
        while (rest.hasRemaining()) {
            long length = rest.remaining() < 4 ? Long.MAX_VALUE : Integer.toUnsignedLong(rest.getInt());
            if (length > rest.remaining()) {
                throw Statuses.invalid("input '" + name + "' of type BYTES, element " + count
                        + ": expected a length of 4 bytes and that many bytes, got fewer");
            }
            rest.position(rest.position() + (int) length);
            count++;
        }
        if (count != elements) {
            throw Statuses.invalid("input '" + name + "' of shape " + Arrays.toString(shape) + " must have " + elements
                    + " elements, got " + count);
        }
    }
}
