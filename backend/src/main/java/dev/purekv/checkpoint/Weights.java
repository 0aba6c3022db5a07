package dev.purekv.checkpoint;

import org.bytedeco.pytorch.Tensor;

/** The weights below one path of a checkpoint. A component asks for what it needs by name and by the shape it expects. */
public final class Weights {
    private final Checkpoint checkpoint;
    private final String path;

    Weights(Checkpoint checkpoint, String path) {
        this.checkpoint = checkpoint;
        this.path = path;
    }

    public Weights at(String name) {
        return new Weights(checkpoint, join(name));
    }

    public Weights at(int index) {
        return at(Integer.toString(index));
    }

    /**
     * @return the tensor as float32 on the model's device, in the caller's scope; mapped, not copied, where the file
     *     holds float32 and the device is the CPU
     * @throws dev.purekv.ServingException INVALID_REQUEST, naming the tensor, when it is missing or of another shape
     */
    public Tensor take(String name, long... shape) {
        return checkpoint.take(join(name), shape);
    }

    /**
     * Accepts a tensor that some writers store a second time.
     *
     * @throws dev.purekv.ServingException INVALID_REQUEST when it is there and differs from {@code original}
     */
    public void requireCopy(String name, Tensor original) {
        checkpoint.requireCopy(join(name), original);
    }

    private String join(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
