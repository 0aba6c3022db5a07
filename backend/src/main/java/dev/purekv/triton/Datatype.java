package dev.purekv.triton;

/** TRITONSERVER_DataType, by KServe's names and in the C API's order (tritonserver.h). */
enum Datatype {
    INVALID(0),
    BOOL(1),
    UINT8(1),
    UINT16(2),
    UINT32(4),
    UINT64(8),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    FP32(4),
    FP64(8),
    BYTES(0),
    BF16(2);

    /** Bytes an element; 0 where elements have no common width. */
    final int width;

    Datatype(int width) {
        this.width = width;
    }

    static Datatype of(int code) {
        Datatype[] all = values();
        return code >= 0 && code < all.length ? all[code] : INVALID;
    }

    /** As config.pbtxt writes it. */
    String configName() {
        return this == BYTES ? "TYPE_STRING" : "TYPE_" + name();
    }
}
