package dev.purekv.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Protobuf messages of the right type that mean something else. */
final class OddMessage {
    private static final List<String> WORDS = List.of(
            "",
            "x",
            "\u0000",
            "../x",
            "/etc/passwd",
            "-1",
            "99999999999999999999",
            "BYTES",
            "FP16",
            "FP32",
            "INT64",
            "BOOL",
            "purekv",
            "r",
            "file:../x",
            "config",
            "x".repeat(5000),
            "\u00e9\ud83d\ude00");
    private static final long[] NUMBERS = {
        0, 1, -1, 2, 255, 65_536, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
    };
    private static final int MOST_LEVELS = 4;

    private OddMessage() {}

    /** @return the message with one to three fields changed, at any depth */
    static Message changed(Message message, Random random) {
        Message changed = message;
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed = once(changed, random, MOST_LEVELS);
        }
        return changed;
    }

    private static Message once(Message message, Random random, int levels) {
        List<FieldDescriptor> fields = message.getDescriptorForType().getFields();
        if (fields.isEmpty() || levels == 0) {
            return message;
        }
        Message.Builder builder = message.toBuilder();
        List<FieldDescriptor> set = new ArrayList<>(message.getAllFields().keySet());
        boolean another = set.isEmpty() || random.nextInt(4) == 0;
        FieldDescriptor field =
                another ? fields.get(random.nextInt(fields.size())) : set.get(random.nextInt(set.size()));
        if (field.isRepeated()) {
            repeated(builder, field, random, levels);
        } else if (random.nextInt(8) == 0) {
            builder.clearField(field);
        } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            builder.setField(field, once((Message) builder.getField(field), random, levels - 1));
        } else {
            builder.setField(field, value(field, random));
        }
        return builder.build();
    }

    private static void repeated(Message.Builder builder, FieldDescriptor field, Random random, int levels) {
        int count = builder.getRepeatedFieldCount(field);
        boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        Object element = count > 0 ? builder.getRepeatedField(field, random.nextInt(count)) : null;
        if (element == null || random.nextInt(4) == 0) {
            Message.Builder empty = message ? builder.newBuilderForField(field) : null;
            builder.addRepeatedField(
                    field, message ? once(empty.buildPartial(), random, levels - 1) : value(field, random));
        } else if (random.nextInt(3) == 0) {
            for (int i = random.nextInt(20) == 0 ? 300 : 1; i > 0; i--) {
                builder.addRepeatedField(field, element);
            }
        } else if (random.nextInt(4) == 0) {
            builder.clearField(field);
        } else {
            int at = random.nextInt(count);
            Object old = builder.getRepeatedField(field, at);
            builder.setRepeatedField(
                    field, at, message ? once((Message) old, random, levels - 1) : value(field, random));
        }
    }

    private static Object value(FieldDescriptor field, Random random) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        return switch (field.getJavaType()) {
            case INT -> (int) number;
            case LONG -> number;
            case FLOAT -> (float) number;
            case DOUBLE -> random.nextBoolean() ? Double.NaN : number / 3.0;
            case BOOLEAN -> random.nextBoolean();
            case STRING -> WORDS.get(random.nextInt(WORDS.size()));
            case BYTE_STRING -> ByteString.copyFrom(Bytes.some(random, 100));
            case ENUM -> {
                EnumDescriptor type = field.getEnumType();
                yield type.getValues().get(random.nextInt(type.getValues().size()));
            }
            case MESSAGE -> throw new IllegalStateException("messages are changed in their fields");
        };
    }
}
