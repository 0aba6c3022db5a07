package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** The gRPC door below its calls: HTTP/2 frames in no order, with odd contents, and floods of them. */
final class FrameTarget {
    private static final int TYPES = 11;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CALL = callHeaders();

    private final InetSocketAddress address;
    private final FuzzReport report;

    FrameTarget(int port, FuzzReport report) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.report = report;
    }

    void send(String name, Random random) {
        byte[] bytes = frames(random);
        try (Socket socket = new Socket()) {
            socket.connect(address, 30_000);
            socket.setSoLinger(true, 0);
            socket.setSoTimeout(20);
            socket.getOutputStream().write(bytes);
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[4096];
            while (in.read(piece) >= 0) {
                // Until the server closes, or has nothing more to say.
            }
            report.count("frames: hung up");
        } catch (SocketTimeoutException e) {
            report.count("frames: borne");
        } catch (IOException e) {
            report.count("frames: hung up");
        }
    }

    private static byte[] frames(Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        if (random.nextInt(10) == 0) {
            all.writeBytes(Bytes.some(random, 500));
            return all.toByteArray();
        }
        all.writeBytes(PREFACE);
        all.writeBytes(frame(4, 0, 0, new byte[0]));
        if (random.nextInt(5) == 0) {
            byte[] one = any(random);
            for (int i = 0; i < 400; i++) { // a flood
                all.writeBytes(one);
            }
        } else {
            for (int i = random.nextInt(12); i >= 0; i--) {
                all.writeBytes(any(random));
            }
        }
        byte[] bytes = all.toByteArray();
        return random.nextInt(4) == 0 ? Bytes.damaged(bytes, random) : bytes;
    }

    private static byte[] any(Random random) {
        int stream = random.nextInt(4) == 0 ? random.nextInt() : 2 * random.nextInt(5) + 1;
        return switch (random.nextInt(4)) {
            case 0 -> frame(1, 4 | random.nextInt(2), stream, CALL);
            case 1 -> frame(0, random.nextInt(2), stream, message(random));
            default -> frame(random.nextInt(TYPES), random.nextInt(256), stream, Bytes.some(random, 60));
        };
    }

    /** A gRPC message, whose length need not be true. */
    private static byte[] message(Random random) {
        byte[] content = Bytes.some(random, 40);
        int length = random.nextInt(3) == 0 ? random.nextInt() : content.length;
        return ByteBuffer.allocate(5 + content.length)
                .put((byte) random.nextInt(3))
                .putInt(length)
                .put(content)
                .array();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** HPACK without Huffman and without a table. */
    private static byte[] callHeaders() {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x83); // :method POST
        block.write(0x86); // :scheme http
        block.write(0x04); // :path
        text(block, "/inference.GRPCInferenceService/ModelStreamInfer");
        block.write(0x01); // :authority
        text(block, "localhost");
        block.write(0x00);
        text(block, "content-type");
        text(block, "application/grpc");
        block.write(0x00);
        text(block, "te");
        text(block, "trailers");
        return block.toByteArray();
    }

    private static void text(ByteArrayOutputStream block, String text) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
