package dev.purekv.tensor;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors from bytes and back, little endian and row by row, as requests carry them. */
public final class HostTensors {
    private HostTensors() {}

    /** @return over a copy of the bytes, which lives as long as the caller's native scope */
    public static Tensor of(byte[] data, ScalarType type, long[] shape) {
        return torch.from_blob(new BytePointer(data), shape, new TensorOptions(type));
    }

    /** Needs a native scope around it. */
    public static byte[] bytes(Tensor tensor) {
        Tensor rows = tensor.contiguous();
        byte[] data = new byte[Math.toIntExact(rows.nbytes())];
        if (data.length > 0) {
            new BytePointer(rows.data_ptr()).capacity(data.length).get(data);
        }
        return data;
    }
}
