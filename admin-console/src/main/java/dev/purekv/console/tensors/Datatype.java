package dev.purekv.console.tensors;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.util.Arrays;

/** KServe's datatypes. */
public enum Datatype {
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
    BF16(2),
    FP32(4),
    FP64(8),
    BYTES(0);

    private final int width;

    Datatype(int width) {
        this.width = width;
    }

    /** Bytes of an element; 0 where elements differ. */
    public int width() {
        return width;
    }

    /** @throws ServerException INVALID_ARG for a name that is none */
    public static Datatype of(String datatype, String input) {
        for (Datatype each : values()) {
            if (each.name().equals(datatype)) {
                return each;
            }
        }
        throw new ServerException(
                Status.INVALID_ARG,
                "input '" + input + "' has unknown datatype '" + datatype + "'; known are "
                        + Arrays.toString(values()));
    }
}
