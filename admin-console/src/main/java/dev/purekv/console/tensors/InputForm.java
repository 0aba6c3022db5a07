package dev.purekv.console.tensors;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** An input without its elements, and whether given bytes are what its shape and datatype say. */
public final class InputForm {
    private static final int DIMENSIONS = 64;

    private final String name;
    private final Datatype type;
    private final long[] shape;
    private final long elements;

    /** @throws ServerException INVALID_ARG for a shape that no tensor has, or one too large */
    public InputForm(String name, Datatype type, long[] shape) {
        this.name = name;
        this.type = type;
        this.shape = shape;
        this.elements = count(name, shape);
    }

    public String name() {
        return name;
    }

    public Datatype type() {
        return type;
    }

    public long[] shape() {
        return shape;
    }

    public long elements() {
        return elements;
    }

    private static long count(String name, long[] shape) {
        if (shape.length > DIMENSIONS) {
            throw invalid(
                    "input '" + name + "' has " + shape.length + " dimensions: at most " + DIMENSIONS + " are allowed");
        }
        long product = 1;
        boolean none = false;
        for (long size : shape) {
            none |= size == 0;
            // No overflow: both factors are below 2^32.
            product = size < 0 || size > Integer.MAX_VALUE ? Long.MAX_VALUE : Math.max(1, size) * product;
            if (product > Integer.MAX_VALUE) {
                throw invalid("input '" + name + "' has the shape " + Arrays.toString(shape)
                        + ": expected sizes of 0 or more, of at most 2^31 elements together");
            }
        }
        return none ? 0 : product;
    }

    /**
     * Asked before the bytes are there. Of BYTES nothing can be said then.
     *
     * @param what as the message names it
     * @throws ServerException INVALID_ARG for another number than the form has
     */
    public void requireBytes(String what, long bytes) {
        if (type != Datatype.BYTES && bytes != elements * type.width()) {
            throw invalid("input '" + name + "' of type " + type + " and shape " + Arrays.toString(shape)
                    + " must have " + what + " of " + elements * type.width() + ", got " + bytes);
        }
    }

    /**
     * @param data all of its bytes
     * @throws ServerException INVALID_ARG for too few or too many
     */
    public TensorData tensor(byte[] data) {
        requireBytes("a size in bytes", data.length);
        if (type == Datatype.BYTES) {
            requireElements(strings(data));
        }
        return new TensorData(name, type.name(), shape, data);
    }

    /** @throws ServerException INVALID_ARG for another number than the form has */
    public void requireElements(long found) {
        if (found != elements) {
            throw invalid("input '" + name + "' of shape " + Arrays.toString(shape) + " must have " + elements
                    + " elements, got " + found);
        }
    }

    private long strings(byte[] data) {
        ByteBuffer rest = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
        long count = 0;
        while (rest.hasRemaining()) {
            long length = rest.remaining() < 4 ? Long.MAX_VALUE : Integer.toUnsignedLong(rest.getInt());
            if (length > rest.remaining()) {
                throw invalid("input '" + name + "' of type BYTES, element " + count
                        + ": expected a length of 4 bytes and that many bytes, got fewer");
            }
            rest.position(rest.position() + (int) length);
            count++;
        }
        return count;
    }

    private static ServerException invalid(String message) {
        return new ServerException(Status.INVALID_ARG, message);
    }
}
