package dev.purekv.checkpoint;

import java.util.List;

/**
 * Where one tensor lies in its file.
 *
 * @param offset bytes from the start of the file
 */
record StoredTensor(String name, StoredType type, List<Long> shape, long offset, long bytes) {
    StoredTensor {
        shape = List.copyOf(shape);
    }
}
