package dev.purekv.console.grpc;

import com.google.protobuf.ByteString;
import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.console.sharedmemory.Window;
import dev.purekv.console.tensors.Datatype;
import dev.purekv.console.tensors.InputForm;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.TensorData;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferInputTensor;
import inference.GrpcService.ModelInferRequest.InferRequestedOutputTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/**
 * Checks requests and turns them into the server's.
 *
 * <p>Source: Triton r24.10, src/grpc/infer_handler.cc, InferGRPCToInput. Differs: raw contents that belong to no input are
 * refused.
 */
@Component
final class RequestReader {
    private static final int MOST = 1024; // inputs, outputs, parameters of one place

    private final SharedMemory memory;

    RequestReader(SharedMemory memory) {
        this.memory = memory;
    }

    /**
     * @param held what is copied from shared memory counts as well
     * @throws dev.purekv.server.ServerException INVALID_ARG, or NOT_FOUND for a region
     */
    ReadRequest read(ModelInferRequest message, HeldBytes held) {
        requireRoom(message);
        RequestParameters parameters = RequestParameters.read(message.getParametersMap());
        List<TensorData> inputs = inputs(message, held);
        Map<String, Window> windows = new HashMap<>();
        try {
            List<RequestedOutput> outputs = outputs(message, windows);
            InferenceRequest request = new InferenceRequest(
                    message.getModelName(),
                    message.getModelVersion(),
                    message.getId(),
                    inputs,
                    outputs,
                    parameters.model(),
                    parameters.scheduling());
            return new ReadRequest(request, parameters.emptyFinal(), windows);
        } catch (RuntimeException e) {
            windows.values().forEach(Window::close);
            throw e;
        }
    }

    private static void requireRoom(ModelInferRequest message) {
        int most = Math.max(message.getInputsCount(), message.getOutputsCount());
        most = Math.max(most, message.getParametersCount());
        if (most > MOST) {
            throw Statuses.invalid("at most " + MOST + " inputs, outputs or parameters are allowed, got " + most);
        }
    }

    private List<TensorData> inputs(ModelInferRequest message, HeldBytes held) {
        List<TensorData> inputs = new ArrayList<>();
        int raw = 0;
        for (InferInputTensor input : message.getInputsList()) {
            Datatype type = Datatype.of(input.getDatatype(), input.getName());
            byte[] data = shared(input, held);
            if (data == null && raw < message.getRawInputContentsCount()) {
                requireNoContents(input, "when using raw_input_contents");
                ByteString bytes = message.getRawInputContents(raw++);
                data = bytes.toByteArray();
            } else if (data == null) {
                if (!input.hasContents() || message.getRawInputContentsCount() > 0) {
                    throw Statuses.invalid("unable to find data for input tensor '" + input.getName() + "' for model '"
                            + message.getModelName() + "' in request.");
                }
                data = TypedContents.bytes(input, type);
            }
            long[] shape =
                    input.getShapeList().stream().mapToLong(Long::longValue).toArray();
            inputs.add(new InputForm(input.getName(), type, shape).tensor(data));
        }
        if (raw < message.getRawInputContentsCount()) {
            throw Statuses.invalid("raw_input_contents has " + message.getRawInputContentsCount()
                    + " elements, expected " + raw + ": one for each input that is not in shared memory");
        }
        return inputs;
    }

    private byte[] shared(InferInputTensor input, HeldBytes held) {
        try (Window window = new TensorParameters(input.getName(), input.getParametersMap()).window(memory)) {
            if (window == null) {
                return null;
            }
            requireNoContents(input, "when using shared memory");
            held.add(window.bytes());
            return window.read();
        }
    }

    private static void requireNoContents(InferInputTensor input, String why) {
        if (input.hasContents()) {
            throw Statuses.invalid(
                    "contents field must not be specified " + why + " for input tensor '" + input.getName() + "'");
        }
    }

    private List<RequestedOutput> outputs(ModelInferRequest message, Map<String, Window> windows) {
        List<RequestedOutput> outputs = new ArrayList<>();
        for (InferRequestedOutputTensor output : message.getOutputsList()) {
            TensorParameters parameters = new TensorParameters(output.getName(), output.getParametersMap());
            int classes = parameters.classes();
            Window window = parameters.window(memory);
            if (window != null) {
                Window other = windows.put(output.getName(), window);
                if (other != null) {
                    other.close();
                }
                if (classes > 0) {
                    throw Statuses.invalid("output can't set both 'shared_memory_region' and 'classification'");
                }
            }
            outputs.add(new RequestedOutput(output.getName(), classes));
        }
        return outputs;
    }
}
