package dev.purekv.console.openai;

import dev.purekv.server.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Input tensors of one element. */
final class Input {
    private Input() {}

    static TensorData text(String name, byte[] utf8) {
        byte[] element = ByteBuffer.allocate(Math.addExact(utf8.length, 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(utf8.length)
                .put(utf8)
                .array();
        return new TensorData(name, "BYTES", new long[] {1}, element);
    }

    static TensorData flag(String name, boolean value) {
        return new TensorData(name, "BOOL", new long[] {1}, new byte[] {(byte) (value ? 1 : 0)});
    }
}
