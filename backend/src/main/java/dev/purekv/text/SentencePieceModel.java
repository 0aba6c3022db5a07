package dev.purekv.text;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The pieces of a SentencePiece model of the BPE kind ({@code tokenizer.model}), by id.
 *
 * <p>Source: {@code sentencepiece_model.proto}; of its fields those that are needed here are read, the others skipped.
 */
record SentencePieceModel(List<Piece> pieces) {
    /** @param score the higher, the earlier two parts are merged to this piece */
    record Piece(String text, float score) {}

    private static final int PIECES = 1;
    private static final int TRAINER = 2;
    private static final int NORMALIZER = 3;
    private static final int MODEL_TYPE = 3;
    private static final long BPE = 2;
    private static final int NORMALIZER_NAME = 1;
    private static final int REMOVE_EXTRA_WHITESPACES = 4;

    SentencePieceModel {
        pieces = List.copyOf(pieces);
    }

    /** @throws ServingException INVALID_REQUEST for a damaged file, UNSUPPORTED for a model of another kind */
    static SentencePieceModel read(Path file) {
        try {
            List<Piece> pieces = new ArrayList<>();
            long type = 1; // unigram, where nothing is said
            String normalizer = "";
            long trimmed = 1;
            Fields model = new Fields(ByteBuffer.wrap(Files.readAllBytes(file)));
            while (model.next()) {
                if (model.number() == PIECES) {
                    pieces.add(piece(model.message()));
                } else if (model.number() == TRAINER) {
                    type = number(model.message(), MODEL_TYPE, type);
                } else if (model.number() == NORMALIZER) {
                    Fields spec = model.message();
                    while (spec.next()) {
                        normalizer = spec.number() == NORMALIZER_NAME ? spec.text() : normalizer;
                        trimmed = spec.number() == REMOVE_EXTRA_WHITESPACES ? spec.value() : trimmed;
                    }
                }
            }
            if (type != BPE || !normalizer.equals("identity") || trimmed != 0) {
                throw ServingException.unsupported(
                        "opening a checkpoint: %s: expected a SentencePiece model of kind BPE that leaves text as it is, got kind %d "
                                + "with normalizer \"%s\"; add a tokenizer.json",
                        file, type, normalizer);
            }
            return new SentencePieceModel(pieces);
        } catch (IOException
                | BufferUnderflowException
                | IndexOutOfBoundsException
                | ArithmeticException
                | IllegalArgumentException e) {
            throw ServingException.invalid(
                    "opening a checkpoint: %s is no sound SentencePiece model; fetch it again", file);
        }
    }

    private static Piece piece(Fields fields) {
        String text = "";
        float score = 0;
        while (fields.next()) {
            if (fields.number() == 1) {
                text = fields.text();
            } else if (fields.number() == 2) {
                score = Float.intBitsToFloat((int) fields.value());
            }
        }
        return new Piece(text, score);
    }

    private static long number(Fields fields, int field, long absent) {
        long value = absent;
        while (fields.next()) {
            value = fields.number() == field ? fields.value() : value;
        }
        return value;
    }

    /** The fields of one message of the protocol buffers' wire format, one after another. */
    private static final class Fields {
        private final ByteBuffer in;
        private int number;
        private long value; // of a number
        private ByteBuffer bytes; // of anything else; empty for a number

        Fields(ByteBuffer in) {
            this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        }

        boolean next() {
            if (!in.hasRemaining()) {
                return false;
            }
            long key = varint();
            number = (int) (key >>> 3);
            bytes = ByteBuffer.allocate(0);
            switch ((int) (key & 7)) {
                case 0 -> value = varint();
                case 1 -> value = in.getLong();
                case 2 -> {
                    int length = Math.toIntExact(varint());
                    bytes = in.slice(in.position(), length);
                    in.position(in.position() + length);
                }
                case 5 -> value = in.getInt();
                default -> throw new IllegalArgumentException("a wire type that is not in use");
            }
            return true;
        }

        private long varint() {
            long result = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                byte part = in.get();
                result |= (part & 0x7FL) << shift;
                if (part >= 0) {
                    return result;
                }
            }
            throw new IllegalArgumentException("a number that does not end");
        }

        int number() {
            return number;
        }

        long value() {
            return value;
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        Fields message() {
            return new Fields(bytes);
        }
    }
}
