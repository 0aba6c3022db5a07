package dev.purekv.console.grpc;

import dev.purekv.console.tensors.Datatype;
import java.util.Locale;

/** A field of InferTensorContents. */
enum ContentsField {
    BOOL,
    INT,
    INT64,
    UINT,
    UINT64,
    FP32,
    FP64,
    BYTES,
    NONE;

    /** @return which field may hold elements of a type */
    static ContentsField of(Datatype type) {
        return switch (type) {
            case BOOL -> BOOL;
            case UINT8, UINT16, UINT32 -> UINT;
            case UINT64 -> UINT64;
            case INT8, INT16, INT32 -> INT;
            case INT64 -> INT64;
            case FP16, BF16 -> NONE;
            case FP32 -> FP32;
            case FP64 -> FP64;
            case BYTES -> BYTES;
        };
    }

    /** As the protocol names it. */
    String words() {
        return name().toLowerCase(Locale.ROOT) + "_contents";
    }
}
