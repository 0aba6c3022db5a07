package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.console.tensors.InputForm;

/**
 * What a request says of an input besides its elements: they are in exactly one of three places.
 *
 * @param binaryBytes how many bytes after the JSON are its; null when its elements are elsewhere
 * @param shared where they are in shared memory, or null
 * @param inJson whether it has {@code data}
 */
record TensorHead(InputForm form, Long binaryBytes, SharedPart shared, boolean inJson) {
    /** @throws RuntimeException a refusal for an input without elements, or with too many */
    TensorHead {
        int places = (inJson ? 1 : 0) + (binaryBytes != null ? 1 : 0) + (shared != null ? 1 : 0);
        if (places != 1) {
            throw Refusal.invalid("input '" + form.name() + "' must have its elements either in 'data', or after the"
                    + " JSON with the parameter 'binary_data_size', or in shared memory, got "
                    + (places == 0 ? "none" : "several") + " of them");
        }
        if (binaryBytes != null) {
            form.requireBytes("a 'binary_data_size'", binaryBytes);
        }
        if (shared != null) {
            form.requireBytes("a 'shared_memory_byte_size'", shared.bytes());
        }
    }
}
