package dev.purekv.triton;

import static dev.purekv.triton.Datatype.BOOL;
import static dev.purekv.triton.Datatype.BYTES;
import static dev.purekv.triton.Datatype.FP32;
import static dev.purekv.triton.Datatype.UINT32;

import java.util.List;

/** The tensors of a generating model: vLLM's names and types, and ours for video and conversations. */
final class Tensors {
    /**
     * A tensor as config.pbtxt declares it.
     *
     * @param dims -1 for any number of elements
     */
    record Declared(String name, Datatype type, long dims, boolean optional) {}

    static final List<Declared> INPUTS = List.of(
            // Optional, because a conversation can come as messages instead.
            new Declared("text_input", BYTES, 1, true),
            new Declared("messages", BYTES, 1, true),
            new Declared("image", BYTES, -1, true),
            new Declared("video", BYTES, -1, true),
            new Declared("stream", BOOL, 1, true),
            new Declared("sampling_parameters", BYTES, 1, true),
            new Declared("exclude_input_in_output", BOOL, 1, true),
            new Declared("return_finish_reason", BOOL, 1, true),
            new Declared("return_cumulative_logprob", BOOL, 1, true),
            new Declared("return_logprobs", BOOL, 1, true),
            new Declared("return_num_input_tokens", BOOL, 1, true),
            new Declared("return_num_output_tokens", BOOL, 1, true),
            new Declared("return_kv_metrics", BOOL, 1, true));

    static final List<Declared> OUTPUTS = List.of(
            new Declared("text_output", BYTES, -1, false),
            new Declared("finish_reason", BYTES, -1, false),
            new Declared("cumulative_logprob", FP32, -1, false),
            new Declared("logprobs", BYTES, -1, false),
            new Declared("num_input_tokens", UINT32, 1, false),
            new Declared("num_output_tokens", UINT32, -1, false));

    private Tensors() {}
}
