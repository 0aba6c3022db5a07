package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import dev.purekv.tensor.ComputeDevice;
import dev.purekv.tensor.Native;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An opened checkpoint directory, its files mapped. Open it, take the weights, check that none is left over, close it:
 * what was taken belongs to the taker's scope and keeps its own hold on the mapping.
 *
 * <p>A mapped file must not be shortened while it is served: the operating system kills a process that reads past the
 * end. Replace checkpoints by renaming, not by writing into them.
 */
public final class Checkpoint implements AutoCloseable {
    private record Located(Path file, Tensor mapped, StoredTensor stored) {}

    private final Path directory;
    private final ComputeDevice device;
    private final PointerScope scope;
    private final Map<String, Located> tensors;
    private final Set<String> taken = new HashSet<>();
    private long takenBytes;

    private Checkpoint(Path directory, ComputeDevice device, PointerScope scope, Map<String, Located> tensors) {
        this.directory = directory;
        this.device = device;
        this.scope = scope;
        this.tensors = tensors;
    }

    /**
     * @param canonicalName maps a stored name to the one that the model asks for
     * @throws ServingException NOT_FOUND without checkpoint files, INVALID_REQUEST for damaged or ambiguous ones
     */
    public static Checkpoint open(Path directory, ComputeDevice device, UnaryOperator<String> canonicalName) {
        Map<Path, List<StoredTensor>> files = CheckpointFiles.of(directory);
        try (PointerScope scope = new PointerScope()) {
            Map<String, Located> tensors = new TreeMap<>();
            files.forEach((file, stored) -> {
                Tensor mapped = map(file);
                for (StoredTensor tensor : stored) {
                    String name = canonicalName.apply(tensor.name());
                    Located earlier = tensors.put(name, new Located(file, mapped, tensor));
                    if (earlier != null) {
                        throw ServingException.invalid(
                                "opening checkpoint %s: %s and %s are two names of one tensor; keep one",
                                directory, earlier.stored().name(), tensor.name());
                    }
                }
            });
            return new Checkpoint(directory, device, scope.extend(), tensors);
        }
    }

    /** The file as one tensor of bytes. Private pages: nothing written to it could reach the file. */
    private static Tensor map(Path file) {
        try {
            long bytes = Files.size(file);
            return Native.scoped(() -> torch.from_file(
                    file.toString(),
                    new BoolOptional(false),
                    new LongOptional(bytes),
                    new TensorOptions(ScalarType.Byte)));
        } catch (IOException e) {
            throw ServingException.internal(e, "mapping %s: %s", file, e.getMessage());
        }
    }

    public Weights weights() {
        return new Weights(this, "");
    }

    /** Bytes of what was taken, as float32. */
    public long takenBytes() {
        return takenBytes;
    }

    Tensor take(String name, long... shape) {
        Located located = tensors.get(name);
        if (located == null) {
            throw ServingException.invalid(
                    "loading checkpoint %s: expected a tensor %s of shape %s, found none of that name",
                    directory, name, Arrays.toString(shape));
        }
        Tensor weight = read(name, located, shape);
        taken.add(name);
        takenBytes += weight.nbytes();
        return weight;
    }

    void requireCopy(String name, Tensor original) {
        Located located = tensors.get(name);
        if (located == null) {
            return;
        }
        try (PointerScope temporary = new PointerScope()) {
            if (!read(name, located, original.shape()).equal(original)) {
                throw ServingException.invalid(
                        "loading checkpoint %s: config.json says that %s is shared, but the file holds other numbers; "
                                + "set tie_word_embeddings to false if they are meant",
                        directory, name);
            }
        }
        taken.add(name);
    }

    private Tensor read(String name, Located located, long... shape) {
        StoredTensor stored = located.stored();
        if (!stored.shape().equals(Arrays.stream(shape).boxed().toList())) {
            throw ServingException.invalid(
                    "loading checkpoint %s: tensor %s: expected shape %s, got %s in %s; its config.json is of another model",
                    directory,
                    name,
                    Arrays.toString(shape),
                    stored.shape(),
                    located.file().getFileName());
        }
        ScalarType type = stored.type()
                .weight()
                .orElseThrow(() -> ServingException.unsupported(
                        "loading checkpoint %s: tensor %s: expected weights of F32, F16 or BF16, got %s in %s",
                        directory, name, stored.type(), located.file().getFileName()));
        return Native.scoped(() -> {
            Tensor bytes = located.mapped().narrow(0, stored.offset(), stored.bytes());
            // A view of wider elements must start at a multiple of their width; writers pad for it, but need not.
            boolean aligned = stored.offset() % stored.type().bytes() == 0;
            return device.place((aligned ? bytes : bytes.clone()).view(type).view(shape));
        });
    }

    /**
     * @param harmless names of tensors that the model computes itself and need not read
     * @throws ServingException INVALID_REQUEST, naming them, when tensors were left that nobody took
     */
    public void requireAllTaken(Predicate<String> harmless) {
        Set<String> unknown = new TreeSet<>(tensors.keySet());
        unknown.removeAll(taken);
        unknown.removeIf(harmless);
        if (!unknown.isEmpty()) {
            throw ServingException.invalid(
                    "loading checkpoint %s: %d unknown tensors, which this model has no place for: %s; "
                            + "the weights belong to another model or another config.json",
                    directory, unknown.size(), unknown.stream().limit(8).toList());
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
