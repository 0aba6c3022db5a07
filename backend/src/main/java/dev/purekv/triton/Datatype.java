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

    /** As config.pbtxt writes it. */
    String configName() {
        return this == BYTES ? "TYPE_STRING" : "TYPE_" + name();
    }
}
