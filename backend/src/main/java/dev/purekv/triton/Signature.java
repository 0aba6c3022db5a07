package dev.purekv.triton;

import java.util.List;

/**
 * What a kind of model takes and gives.
 *
 * @param decoupled whether a request may have any number of responses, else it has one
 */
record Signature(List<DeclaredTensor> inputs, List<DeclaredTensor> outputs, boolean decoupled) {
    static final Signature GENERATION = new Signature(Tensors.INPUTS, Tensors.OUTPUTS, true);
}
