package dev.purekv.triton;

/** TRITONSERVER_DataType, by KServe's names and in the C API's order (tritonserver.h). */
enum Datatype {
    INVALID,
    BOOL,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    INT8,
    INT16,
    INT32,
    INT64,
    FP16,
    FP32,
    FP64,
    BYTES,
    BF16;

    static Datatype of(int code) {
        Datatype[] all = values();
        return code >= 0 && code < all.length ? all[code] : INVALID;
    }

    /** By the name that config.pbtxt has; INVALID for another. */
    static Datatype ofConfig(String name) {
        for (Datatype each : values()) {
            if (each.configName().equals(name)) {
                return each;
            }
        }
        return INVALID;
    }

    /** Bytes of an element; 0 where elements differ. */
    int width() {
        return switch (this) {
            case BOOL, UINT8, INT8 -> 1;
            case UINT16, INT16, FP16, BF16 -> 2;
            case UINT32, INT32, FP32 -> 4;
            case UINT64, INT64, FP64 -> 8;
            case BYTES, INVALID -> 0;
        };
    }

    /** As config.pbtxt writes it. */
    String configName() {
        return this == BYTES ? "TYPE_STRING" : "TYPE_" + name();
    }
}
