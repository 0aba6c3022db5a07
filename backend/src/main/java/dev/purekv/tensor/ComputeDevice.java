package dev.purekv.tensor;

import dev.purekv.ServingException;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where a model computes, and the one place that makes tensors there. All results live in the caller's scope.
 *
 * <p>Everything is float32. The suite runs on "cpu" alone; "cuda:0" takes the same code and was not run.
 *
 * @param name "cpu", "cuda" or "cuda:1", as LibTorch spells it
 */
public record ComputeDevice(String name) {
    private static final Pattern NAME = Pattern.compile("cpu|cuda(:\\d{1,2})?");

    public static final ComputeDevice CPU = new ComputeDevice("cpu");

    public ComputeDevice {
        if (!NAME.matcher(name).matches()) {
            throw ServingException.invalid("choosing a device: expected cpu, cuda or cuda:<number>, got \"%s\"", name);
        }
    }

    /** The number of this device among those of its kind, from 0. */
    public int index() {
        int colon = name.indexOf(':');
        return colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1));
    }

    /** @throws ServingException UNSUPPORTED when this machine, or this build of LibTorch, has no such device */
    public void requirePresent() {
        long present = torch.cuda_device_count();
        if (!name.equals("cpu") && index() >= present) {
            throw ServingException.unsupported(
                    "choosing a device: %s is not here, LibTorch sees %d CUDA devices; choose cpu, or run the build for "
                            + "GPUs on a machine that has one",
                    name, present);
        }
    }

    /** @return uninitialised float32 of this shape; the memory is not touched until it is written */
    public Tensor empty(long... shape) {
        return Native.scoped(() -> torch.empty(shape, options(), null));
    }

    /** @return float32 of this shape with a copy of {@code values}, row by row */
    public Tensor floats(float[] values, long... shape) {
        return Native.scoped(() -> place(Tensor.create(values, shape)));
    }

    /** @return int64 (n), as indices must be */
    public Tensor indices(int... values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return Native.scoped(() -> Tensor.create(wide).to(new TensorOptions().device(device()), false, false, null));
    }

    /** @return the same numbers as float32 on this device: the tensor itself, not a copy, when it is that already */
    public Tensor place(Tensor tensor) {
        return Native.scoped(() -> tensor.to(options(), false, false, null));
    }

    private TensorOptions options() {
        return new TensorOptions(ScalarType.Float).device(device());
    }

    private DeviceOptional device() {
        return new DeviceOptional(new Device(name));
    }
}
