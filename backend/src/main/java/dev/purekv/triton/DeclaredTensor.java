package dev.purekv.triton;

import java.util.List;

/**
 * A tensor as config.pbtxt declares it.
 *
 * @param dims -1 for any size
 */
record DeclaredTensor(String name, Datatype type, List<Long> dims, boolean optional) {
    DeclaredTensor {
        dims = List.copyOf(dims);
    }

    /** Of one dimension. */
    DeclaredTensor(String name, Datatype type, long elements, boolean optional) {
        this(name, type, List.of(elements), optional);
    }
}
