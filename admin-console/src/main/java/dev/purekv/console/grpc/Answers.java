package dev.purekv.console.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.purekv.console.sharedmemory.Window;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferResponse;
import inference.GrpcService.ModelInferResponse.InferOutputTensor;
import java.util.Map;

/**
 * Responses as messages: tensors are in raw_output_contents, one for each output, which is empty for one in shared memory.
 * Source: Triton r24.10, src/grpc/infer_handler.h, InferResponseCompleteCommon.
 */
final class Answers {
    static final String FINAL = "triton_final_response";

    private Answers() {}

    /**
     * Writes what goes to shared memory.
     *
     * @throws dev.purekv.server.ServerException when the response is an error, or does not fit its shared memory
     */
    static ModelInferResponse.Builder of(InferenceResponse response, Map<String, Window> windows) {
        if (response.error() != null) {
            throw response.error();
        }
        ModelInferResponse.Builder message = ModelInferResponse.newBuilder()
                .setModelName(response.model())
                .setModelVersion(response.version())
                .setId(response.id());
        response.parameters().forEach((name, value) -> message.putParameters(name, parameter(value)));
        for (TensorData output : response.outputs()) {
            InferOutputTensor.Builder tensor =
                    InferOutputTensor.newBuilder().setName(output.name()).setDatatype(output.datatype());
            for (long size : output.shape()) {
                tensor.addShape(size);
            }
            message.addOutputs(tensor);
            Window window = windows.get(output.name());
            if (window == null) {
                // Nobody changes the array: it was made for this response.
                message.addRawOutputContents(UnsafeByteOperations.unsafeWrap(output.data()));
            } else {
                window.write(output.data());
                message.addRawOutputContents(ByteString.EMPTY);
            }
        }
        return message;
    }

    static InferParameter flag(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    private static InferParameter parameter(Object value) {
        InferParameter.Builder parameter = InferParameter.newBuilder();
        if (value instanceof Long number) {
            parameter.setInt64Param(number);
        } else if (value instanceof Boolean flag) {
            parameter.setBoolParam(flag);
        } else if (value instanceof Double number) {
            parameter.setDoubleParam(number);
        } else {
            parameter.setStringParam(String.valueOf(value));
        }
        return parameter.build();
    }
}
