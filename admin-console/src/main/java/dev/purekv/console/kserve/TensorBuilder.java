package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.TensorData;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Takes the elements of one tensor from JSON, one after the other, and keeps them as they go to the server. */
final class TensorBuilder {
    private final String name;
    private final String datatype;
    private final Utf8Buffer bytes = new Utf8Buffer();
    private long elements;

    TensorBuilder(String name, String datatype) {
        this.name = name;
        this.datatype = datatype;
        if (datatype.equals("FP16") || datatype.equals("BF16")) {
            throw Refusal.invalid("sending " + datatype + " data via JSON is not supported, see input '" + name + "'");
        }
    }

    long elements() {
        return elements;
    }

    TensorData build(long[] shape) {
        return new TensorData(name, datatype, shape, bytes.toByteArray());
    }

    /** Adds the scalar that the parser stands at. */
    void add(JsonParser parser) {
        JsonToken token = parser.currentToken();
        switch (datatype) {
            case "BYTES" -> addString(parser, token);
            case "BOOL" -> addBoolean(token);
            case "FP32" -> addFloat(parser, token);
            case "FP64" ->
                bytes.append(little(8).putDouble(finite(number(parser, token))).array());
            default -> addInteger(parser, token);
        }
        elements++;
    }

    private void addString(JsonParser parser, JsonToken token) {
        require(token == JsonToken.VALUE_STRING, "a string");
        int start = bytes.size();
        int characters = parser.getStringLength();
        bytes.reserve(4L + characters); // exact for ASCII, as base64 is: a video is not copied while it grows
        bytes.append(new byte[4]);
        parser.getString(bytes);
        bytes.endOfString();
        bytes.putIntAt(start, bytes.size() - start - 4);
    }

    private void addBoolean(JsonToken token) {
        require(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, "true or false");
        bytes.append(new byte[] {(byte) (token == JsonToken.VALUE_TRUE ? 1 : 0)});
    }

    private void addFloat(JsonParser parser, JsonToken token) {
        float value = (float) number(parser, token);
        finite(value);
        bytes.append(little(4).putFloat(value).array());
    }

    private void addInteger(JsonParser parser, JsonToken token) {
        int width = width();
        require(token == JsonToken.VALUE_NUMBER_INT, "a whole number");
        boolean signed = datatype.startsWith("INT");
        BigInteger value = parser.getBigIntegerValue();
        int bits = signed ? value.bitLength() + 1 : value.bitLength();
        require(bits <= width * 8 && (signed || value.signum() >= 0), "a number in the range of " + datatype);
        byte[] all = little(8).putLong(value.longValue()).array();
        bytes.append(Arrays.copyOf(all, width));
    }

    private int width() {
        return switch (datatype) {
            case "INT8", "UINT8" -> 1;
            case "INT16", "UINT16" -> 2;
            case "INT32", "UINT32" -> 4;
            case "INT64", "UINT64" -> 8;
            default -> throw Refusal.invalid("input '" + name + "' has unsupported datatype " + datatype);
        };
    }

    private double number(JsonParser parser, JsonToken token) {
        require(token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT, "a number");
        return Double.parseDouble(parser.getString());
    }

    private double finite(double value) {
        require(Double.isFinite(value), "a number in the range of " + datatype);
        return value;
    }

    private void require(boolean holds, String expected) {
        if (!holds) {
            throw Refusal.invalid(
                    "input '" + name + "' of type " + datatype + ", element " + elements + ": expected " + expected);
        }
    }

    private static ByteBuffer little(int width) {
        return ByteBuffer.allocate(width).order(ByteOrder.LITTLE_ENDIAN);
    }
}
