package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.compression.CompressionStage;
import dev.purekv.tensor.HostTensors;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The tensors of the compression stage: H query heads, w observed queries, N tokens, G key/value heads, D head width, K kept
 * tokens. Triton takes one rank for each input, so the model's configuration says whether attention is [H,w,N] or [G,N].
 *
 * @param type of all but the indices: FP32, FP16 or BF16
 */
record StageTensors(Datatype type) {
    static final String ATTENTION = "OBSERVED_ATTENTION";
    static final String KEYS = "KEYS";
    static final String VALUES = "VALUES";
    static final String INDICES = "KEPT_INDICES";

    private static final List<Long> ANY = List.of(-1L, -1L, -1L);
    private static final Set<Datatype> TYPES = Set.of(Datatype.FP32, Datatype.FP16, Datatype.BF16);

    /** @throws ServingException INVALID_REQUEST for types or ranks that a stage does not have */
    static StageTensors of(ModelConfig config) {
        Datatype input = config.declaredType("input", Set.of(ATTENTION, KEYS, VALUES));
        Datatype type = input == Datatype.INVALID ? config.declaredType("output", Set.of(KEYS, VALUES)) : input;
        if (type != Datatype.INVALID && !TYPES.contains(type)) {
            throw ServingException.invalid(
                    "config.pbtxt: the stage's tensors must be all TYPE_FP32, all TYPE_FP16 or all TYPE_BF16, got %s",
                    type.configName());
        }
        requireRank(config, "input", ATTENTION, "[ -1, -1, -1 ] for [H,w,N] or [ -1, -1 ] for [G,N]", 3, 2);
        for (String kind : List.of("input", "output")) {
            requireRank(config, kind, KEYS, "[ -1, -1, -1 ]", 3);
            requireRank(config, kind, VALUES, "[ -1, -1, -1 ]", 3);
        }
        requireRank(config, "output", INDICES, "[ -1, -1 ]", 2);
        return new StageTensors(type == Datatype.INVALID ? Datatype.FP32 : type);
    }

    private static void requireRank(ModelConfig config, String kind, String name, String expected, int... allowed) {
        int rank = config.declaredRank(kind, name);
        if (rank != 0 && Arrays.stream(allowed).noneMatch(each -> each == rank)) {
            throw ServingException.invalid(
                    "config.pbtxt: %s '%s' must have dims: %s, got %d dimensions", kind, name, expected, rank);
        }
    }

    Signature signature() {
        return new Signature(
                List.of(
                        new DeclaredTensor(ATTENTION, type, ANY, true),
                        new DeclaredTensor(KEYS, type, ANY, false),
                        new DeclaredTensor(VALUES, type, ANY, false)),
                List.of(
                        new DeclaredTensor(INDICES, Datatype.INT64, List.of(-1L, -1L), false),
                        new DeclaredTensor(KEYS, type, ANY, false),
                        new DeclaredTensor(VALUES, type, ANY, false)),
                false);
    }

    /**
     * @return in the caller's native scope
     * @throws ServingException INVALID_REQUEST for a tensor that is missing, or of a shape that does not go with the others
     */
    CompressionStage.Input read(TensorReader tensors) {
        TensorReader.Tensor keys = required(tensors, KEYS);
        TensorReader.Tensor values = required(tensors, VALUES);
        if (!Arrays.equals(keys.shape(), values.shape())) {
            throw ServingException.invalid(
                    "VALUES must have the shape of KEYS %s, got %s",
                    Arrays.toString(keys.shape()), Arrays.toString(values.shape()));
        }
        TensorReader.Tensor attention = tensors.tensor(ATTENTION);
        if (attention != null) {
            requireAttention(attention.shape(), keys.shape()[0], keys.shape()[1]);
        }
        return new CompressionStage.Input(attention == null ? null : tensor(attention), tensor(keys), tensor(values));
    }

    private static TensorReader.Tensor required(TensorReader tensors, String name) {
        TensorReader.Tensor tensor = tensors.tensor(name);
        if (tensor == null) {
            throw ServingException.invalid("the input %s is missing: expected [G,N,D]", name);
        }
        long[] shape = tensor.shape();
        if (shape.length != 3 || Arrays.stream(shape).anyMatch(size -> size < 1) || shape[1] > Integer.MAX_VALUE) {
            throw ServingException.invalid(
                    "%s must be [G,N,D] (key/value heads, tokens, head width), each at least 1, got %s",
                    name, Arrays.toString(shape));
        }
        return tensor;
    }

    private static void requireAttention(long[] shape, long groups, long tokens) {
        boolean reduced = shape.length == 2 && shape[0] == groups && shape[1] == tokens;
        boolean full = shape.length == 3
                && shape[0] >= 1
                && shape[0] % groups == 0
                && shape[1] >= 1
                && shape[1] <= tokens
                && shape[2] == tokens;
        if (!reduced && !full) {
            throw ServingException.invalid(
                    "OBSERVED_ATTENTION must be [H,w,N] or [G,N], where KEYS say G = %d and N = %d, H is a multiple of G and w is "
                            + "between 1 and N, got %s",
                    groups, tokens, Arrays.toString(shape));
        }
    }

    private Tensor tensor(TensorReader.Tensor given) {
        if (given.type() != type) {
            throw ServingException.invalid("input '%s' must be of type %s, got %s", given.name(), type, given.type());
        }
        return HostTensors.of(given.data(), scalarType(), given.shape());
    }

    private ScalarType scalarType() {
        return switch (type) {
            case FP16 -> ScalarType.Half;
            case BF16 -> ScalarType.BFloat16;
            default -> ScalarType.Float;
        };
    }
}
