package dev.purekv.checkpoint;

import java.util.Optional;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types that a safetensors file can hold. Only the floating ones of {@link #weight} can be weights here. */
enum StoredType {
    F32(4, ScalarType.Float),
    F16(2, ScalarType.Half),
    BF16(2, ScalarType.BFloat16),
    F64(8, null),
    I64(8, null),
    U64(8, null),
    I32(4, null),
    U32(4, null),
    I16(2, null),
    U16(2, null),
    I8(1, null),
    U8(1, null),
    F8_E4M3(1, null),
    F8_E5M2(1, null),
    BOOL(1, null);

    private final int bytes;
    private final ScalarType weight;

    StoredType(int bytes, ScalarType weight) {
        this.bytes = bytes;
        this.weight = weight;
    }

    /** Bytes of one element. */
    int bytes() {
        return bytes;
    }

    /** LibTorch's name of the type, where weights of it can be read. */
    Optional<ScalarType> weight() {
        return Optional.ofNullable(weight);
    }

    static Optional<StoredType> named(String name) {
        for (StoredType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
