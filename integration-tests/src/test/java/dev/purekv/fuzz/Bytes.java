package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;

/** Damage to bytes. */
final class Bytes {
    private static final byte[] ODD = {0, -1, 0x7f, -128, '"', '{', '[', '\\', '\r', '\n', '%', '/', ' ', ',', ':', '9'
    };

    private Bytes() {}

    /** @return the bytes with one to four damages */
    static byte[] damaged(byte[] bytes, Random random) {
        byte[] all = bytes;
        for (int i = random.nextInt(4); i >= 0; i--) {
            all = once(all, random);
        }
        return all;
    }

    private static byte[] once(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return some(random, 64);
        }
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(Math.min(bytes.length - from, 64) + 1);
        byte[] cut = Arrays.copyOfRange(bytes, from, to);
        return switch (random.nextInt(7)) {
            case 0 -> set(bytes, from, (byte) (bytes[from] ^ 1 << random.nextInt(8)));
            case 1 -> set(bytes, from, ODD[random.nextInt(ODD.length)]);
            case 2 -> joined(bytes, from, new byte[0], to);
            case 3 -> joined(bytes, from, some(random, 32), from);
            case 4 -> joined(bytes, to, cut, to);
            case 5 -> Arrays.copyOf(bytes, from);
            default -> joined(bytes, from, repeated(cut, 1 + random.nextInt(200)), to);
        };
    }

    private static byte[] set(byte[] bytes, int at, byte value) {
        byte[] all = bytes.clone();
        all[at] = value;
        return all;
    }

    private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes, 0, head);
        all.writeBytes(middle);
        all.write(bytes, tail, bytes.length - tail);
        return all.toByteArray();
    }

    private static byte[] repeated(byte[] piece, int times) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    static byte[] some(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }
}
