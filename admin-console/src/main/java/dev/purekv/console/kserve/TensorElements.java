package dev.purekv.console.kserve;

import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JsonGenerator;

/** Writes the elements of a tensor as JSON scalars, in order. */
final class TensorElements {
    private final TensorData tensor;
    private final long count;

    TensorElements(TensorData tensor) {
        this.tensor = tensor;
        long product = 1;
        for (long dimension : tensor.shape()) {
            product *= dimension;
        }
        this.count = product;
    }

    long count() {
        return count;
    }

    /** @throws ServerException when the bytes are not what shape and datatype say: the model's defect */
    void write(JsonGenerator json) {
        ByteBuffer data = ByteBuffer.wrap(tensor.data()).order(ByteOrder.LITTLE_ENDIAN);
        try {
            for (long i = 0; i < count; i++) {
                writeNext(json, data);
            }
        } catch (BufferUnderflowException e) {
            throw sizeMismatch();
        }
        if (data.hasRemaining()) {
            throw sizeMismatch();
        }
    }

    private void writeNext(JsonGenerator json, ByteBuffer data) {
        switch (tensor.datatype()) {
            case "BOOL" -> json.writeBoolean(data.get() != 0);
            case "INT8" -> json.writeNumber(data.get());
            case "INT16" -> json.writeNumber(data.getShort());
            case "INT32" -> json.writeNumber(data.getInt());
            case "INT64" -> json.writeNumber(data.getLong());
            case "UINT8" -> json.writeNumber(data.get() & 0xff);
            case "UINT16" -> json.writeNumber(data.getShort() & 0xffff);
            case "UINT32" -> json.writeNumber(data.getInt() & 0xffffffffL);
            case "UINT64" -> json.writeNumber(new BigInteger(Long.toUnsignedString(data.getLong())));
            case "FP32" -> writeNumber(json, data.getFloat());
            case "FP64" -> writeNumber(json, data.getDouble());
            case "BYTES" -> json.writeString(nextString(data));
            default ->
                throw new ServerException(
                        ServerException.Status.UNSUPPORTED,
                        "output '" + tensor.name() + "' of type " + tensor.datatype() + " cannot be sent as JSON");
        }
    }

    /** JSON has no NaN and no infinity: both become null. */
    static void writeNumber(JsonGenerator json, double value) {
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }

    private String nextString(ByteBuffer data) {
        int length = data.getInt();
        if (length < 0 || length > data.remaining()) {
            throw sizeMismatch();
        }
        String text = new String(data.array(), data.position(), length, StandardCharsets.UTF_8);
        data.position(data.position() + length);
        return text;
    }

    private ServerException sizeMismatch() {
        return new ServerException(
                ServerException.Status.INTERNAL,
                "Failed to write 'data' field: output tensor shape does not match size of output for '" + tensor.name()
                        + "'");
    }
}
