package dev.purekv.console.grpc;

import com.google.protobuf.ByteString;
import dev.purekv.console.tensors.Datatype;
import inference.GrpcService.InferTensorContents;
import inference.GrpcService.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Elements of an input in typed fields, as the bytes that a server takes: little endian, row-major.
 *
 * <p>Differs from Triton, which keeps the low bits of an int_contents element that is out of the range of INT8 or INT16:
 * here it is refused.
 */
final class TypedContents {
    private final InferInputTensor input;
    private final InferTensorContents contents;
    private final Datatype type;
    private final ContentsField field;

    private TypedContents(InferInputTensor input, Datatype type) {
        this.input = input;
        this.contents = input.getContents();
        this.type = type;
        this.field = ContentsField.of(type);
    }

    /** @throws dev.purekv.server.ServerException INVALID_ARG for elements of another type, or of two */
    static byte[] bytes(InferInputTensor input, Datatype type) {
        TypedContents reader = new TypedContents(input, type);
        for (ContentsField used : reader.used()) {
            if (used != reader.field) {
                throw Statuses.invalid("unexpected explicit tensor data for input tensor '" + input.getName()
                        + "' of type '" + type + "': it is in " + used.words() + ", expected "
                        + (reader.field == ContentsField.NONE ? "raw_input_contents" : reader.field.words()));
            }
        }
        return reader.bytes();
    }

    private Set<ContentsField> used() {
        Set<ContentsField> used = EnumSet.noneOf(ContentsField.class);
        note(used, ContentsField.BOOL, contents.getBoolContentsCount());
        note(used, ContentsField.INT, contents.getIntContentsCount());
        note(used, ContentsField.INT64, contents.getInt64ContentsCount());
        note(used, ContentsField.UINT, contents.getUintContentsCount());
        note(used, ContentsField.UINT64, contents.getUint64ContentsCount());
        note(used, ContentsField.FP32, contents.getFp32ContentsCount());
        note(used, ContentsField.FP64, contents.getFp64ContentsCount());
        note(used, ContentsField.BYTES, contents.getBytesContentsCount());
        return used;
    }

    private static void note(Set<ContentsField> used, ContentsField field, int count) {
        if (count > 0) {
            used.add(field);
        }
    }

    private byte[] bytes() {
        return switch (field) {
            case BOOL -> {
                ByteBuffer bytes = room(contents.getBoolContentsCount());
                contents.getBoolContentsList().forEach(value -> bytes.put((byte) (value ? 1 : 0)));
                yield bytes.array();
            }
            case INT -> narrowed(contents.getIntContentsList(), true);
            case UINT -> narrowed(contents.getUintContentsList(), false);
            case INT64 -> longs(contents.getInt64ContentsList());
            case UINT64 -> longs(contents.getUint64ContentsList());
            case FP32 -> {
                ByteBuffer bytes = room(contents.getFp32ContentsCount());
                contents.getFp32ContentsList().forEach(bytes::putFloat);
                yield bytes.array();
            }
            case FP64 -> {
                ByteBuffer bytes = room(contents.getFp64ContentsCount());
                contents.getFp64ContentsList().forEach(bytes::putDouble);
                yield bytes.array();
            }
            case BYTES -> strings(contents.getBytesContentsList());
            case NONE -> new byte[0];
        };
    }

    private ByteBuffer room(int elements) {
        return little(Math.multiplyFull(elements, type.width()));
    }

    private static ByteBuffer little(long bytes) {
        if (bytes > Integer.MAX_VALUE - 8) {
            throw Statuses.invalid("a tensor may have at most " + (Integer.MAX_VALUE - 8) + " bytes, got " + bytes);
        }
        return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private byte[] narrowed(List<Integer> values, boolean signed) {
        ByteBuffer bytes = room(values.size());
        int unused = Integer.SIZE - Byte.SIZE * type.width();
        for (int value : values) {
            int narrow = value << unused;
            if ((signed ? narrow >> unused : narrow >>> unused) != value) {
                throw Statuses.invalid("input tensor '" + input.getName() + "': "
                        + (signed ? Integer.toString(value) : Integer.toUnsignedString(value))
                        + " is out of the range of " + type);
            }
            switch (type.width()) {
                case 1 -> bytes.put((byte) value);
                case 2 -> bytes.putShort((short) value);
                default -> bytes.putInt(value);
            }
        }
        return bytes.array();
    }

    private byte[] longs(List<Long> values) {
        ByteBuffer bytes = room(values.size());
        values.forEach(bytes::putLong);
        return bytes.array();
    }

    private static byte[] strings(List<ByteString> values) {
        long total = values.stream().mapToLong(value -> 4L + value.size()).sum();
        ByteBuffer bytes = little(total);
        for (ByteString value : values) {
            bytes.putInt(value.size());
            value.copyTo(bytes);
        }
        return bytes.array();
    }
}
