package dev.purekv.console.grpc;

import java.util.Arrays;

/** KServe's datatypes: how wide an element is, and the field of InferTensorContents that may hold it. */
enum WireType {
    BOOL(1, Field.BOOL),
    UINT8(1, Field.UINT),
    UINT16(2, Field.UINT),
    UINT32(4, Field.UINT),
    UINT64(8, Field.UINT64),
    INT8(1, Field.INT),
    INT16(2, Field.INT),
    INT32(4, Field.INT),
    INT64(8, Field.INT64),
    FP16(2, Field.NONE),
    BF16(2, Field.NONE),
    FP32(4, Field.FP32),
    FP64(8, Field.FP64),
    BYTES(0, Field.BYTES);

    /** A field of InferTensorContents. */
    enum Field {
        BOOL,
        INT,
        INT64,
        UINT,
        UINT64,
        FP32,
        FP64,
        BYTES,
        NONE;

        /** As the protocol names it. */
        String words() {
            return name().toLowerCase(java.util.Locale.ROOT) + "_contents";
        }
    }

    private final int width;
    private final Field field;

    WireType(int width, Field field) {
        this.width = width;
        this.field = field;
    }

    /** Bytes of an element; 0 where elements differ. */
    int width() {
        return width;
    }

    Field field() {
        return field;
    }

    /** @throws dev.purekv.server.ServerException INVALID_ARG for a name that is none */
    static WireType of(String datatype, String input) {
        for (WireType each : values()) {
            if (each.name().equals(datatype)) {
                return each;
            }
        }
        throw Statuses.invalid("input '" + input + "' has unknown datatype '" + datatype + "'; known are "
                + Arrays.toString(values()));
    }
}
