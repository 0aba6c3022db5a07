package dev.purekv.console.grpc;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** HTTP/2 by hand (RFC 9113), for what no gRPC client does. */
final class Frames {
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RESET = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final String SINGLE = "/inference.GRPCInferenceService/ModelInfer";
    static final String STREAM = "/inference.GRPCInferenceService/ModelStreamInfer";
    private static final int END_HEADERS = 4;

    private Frames() {}

    static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    static byte[] preface() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(frame(SETTINGS, 0, 0, new byte[0]));
        return bytes.toByteArray();
    }

    /** A connection with one call, whose messages are to come. */
    static byte[] call(String method) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(preface());
        bytes.writeBytes(frame(HEADERS, END_HEADERS, 1, callHeaders(method)));
        return bytes.toByteArray();
    }

    /**
     * A message's beginning.
     *
     * @param bytes of the whole message
     */
    static byte[] message(int bytes, byte[] beginning) {
        return frame(
                DATA,
                0,
                1,
                ByteBuffer.allocate(5 + beginning.length)
                        .put((byte) 0)
                        .putInt(bytes)
                        .put(beginning)
                        .array());
    }

    /** HPACK without Huffman and without a table: the headers of a gRPC call. */
    static byte[] callHeaders(String method) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04); // :path
        string(block, method);
        block.write(0x01); // :authority
        string(block, "localhost");
        block.write(0x00);
        string(block, "content-type");
        string(block, "application/grpc");
        block.write(0x00);
        string(block, "te");
        string(block, "trailers");
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
