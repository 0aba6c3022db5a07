package dev.purekv.triton;

import static dev.purekv.triton.Datatype.BOOL;
import static dev.purekv.triton.Datatype.BYTES;
import static dev.purekv.triton.Datatype.FP32;
import static dev.purekv.triton.Datatype.UINT32;

import java.util.List;

/** The tensors of a generating model: vLLM's names and types, and ours for video and conversations. */
final class Tensors {
    static final List<DeclaredTensor> INPUTS = List.of(
            // Optional, because a conversation can come as messages instead.
            new DeclaredTensor("text_input", BYTES, 1, true),
            new DeclaredTensor("messages", BYTES, 1, true),
            new DeclaredTensor("image", BYTES, -1, true),
            new DeclaredTensor("video", BYTES, -1, true),
            new DeclaredTensor("stream", BOOL, 1, true),
            new DeclaredTensor("sampling_parameters", BYTES, 1, true),
            new DeclaredTensor("exclude_input_in_output", BOOL, 1, true),
            new DeclaredTensor("return_finish_reason", BOOL, 1, true),
            new DeclaredTensor("return_cumulative_logprob", BOOL, 1, true),
            new DeclaredTensor("return_logprobs", BOOL, 1, true),
            new DeclaredTensor("return_num_input_tokens", BOOL, 1, true),
            new DeclaredTensor("return_num_output_tokens", BOOL, 1, true),
            new DeclaredTensor("return_kv_metrics", BOOL, 1, true),
            new DeclaredTensor("return_kept_tokens", BOOL, 1, true));

    static final List<DeclaredTensor> OUTPUTS = List.of(
            new DeclaredTensor("text_output", BYTES, -1, false),
            new DeclaredTensor("finish_reason", BYTES, -1, false),
            new DeclaredTensor("cumulative_logprob", FP32, -1, false),
            new DeclaredTensor("logprobs", BYTES, -1, false),
            new DeclaredTensor("num_input_tokens", UINT32, 1, false),
            new DeclaredTensor("num_output_tokens", UINT32, -1, false),
            new DeclaredTensor("kept_tokens", BYTES, 1, false));

    private Tensors() {}
}
