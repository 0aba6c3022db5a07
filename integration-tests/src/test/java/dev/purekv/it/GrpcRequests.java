package dev.purekv.it;

import com.google.protobuf.ByteString;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferInputTensor;
import inference.GrpcService.ModelStreamInferResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Requests for the models of this repository, as gRPC's clients send them. */
public final class GrpcRequests {
    static final int TOKENS = 60;
    private static final int WIDTH = 4;

    private GrpcRequests() {}

    /** A question for the demonstration, whose answer is streamed and whose end is told. */
    public static ModelInferRequest.Builder question(String id, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer element = ByteBuffer.allocate(4 + utf8.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(utf8.length)
                .put(utf8);
        return ModelInferRequest.newBuilder()
                .setModelName("moving-digits")
                .setId(id)
                .addInputs(input("text_input", "BYTES", 1))
                .addRawInputContents(ByteString.copyFrom(element.array()))
                .addInputs(input("stream", "BOOL", 1))
                .addRawInputContents(ByteString.copyFrom(new byte[] {1}))
                .putParameters(
                        "triton_enable_empty_final_response",
                        InferParameter.newBuilder().setBoolParam(true).build());
    }

    /** One that goes on for this many tokens, whatever the model says. */
    public static ModelInferRequest.Builder longQuestion(String id, long tokens) {
        return question(id, "How many digits are there?")
                .putParameters(
                        "max_tokens",
                        InferParameter.newBuilder().setInt64Param(tokens).build())
                .putParameters(
                        "ignore_eos",
                        InferParameter.newBuilder().setBoolParam(true).build());
    }

    /** Keys and values of zeros for the stage, which has two heads here. */
    public static ModelInferRequest.Builder stage(int tokens) {
        return ModelInferRequest.newBuilder()
                .setModelName("kv_compression")
                .addInputs(input("OBSERVED_ATTENTION", "FP32", 4, 1, tokens))
                .addRawInputContents(ByteString.copyFrom(new byte[4 * 4 * tokens]))
                .addInputs(input("KEYS", "FP32", 2, tokens, WIDTH))
                .addRawInputContents(ByteString.copyFrom(new byte[4 * 2 * tokens * WIDTH]))
                .addInputs(input("VALUES", "FP32", 2, tokens, WIDTH))
                .addRawInputContents(ByteString.copyFrom(new byte[4 * 2 * tokens * WIDTH]));
    }

    public static InferInputTensor input(String name, String datatype, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
        for (long size : shape) {
            input.addShape(size);
        }
        return input.build();
    }

    static boolean isFinal(ModelStreamInferResponse message) {
        return message.getInferResponse()
                .getParametersOrThrow("triton_final_response")
                .getBoolParam();
    }
}
