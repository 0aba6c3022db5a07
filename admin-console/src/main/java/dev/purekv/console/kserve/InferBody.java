package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.console.sharedmemory.SharedPart;
import dev.purekv.console.sharedmemory.Window;
import dev.purekv.console.tensors.Datatype;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An infer request as its bytes: JSON, then the binary data of its inputs, in their order. Source: Triton's
 * extension_binary_data.md.
 */
final class InferBody {
    private final ChunkStream body;
    private final Target target;
    private final SharedMemory memory;

    InferBody(ChunkStream body, Target target, SharedMemory memory) {
        this.body = body;
        this.target = target;
        this.memory = memory;
    }

    /**
     * @param jsonBytes Inference-Header-Content-Length, or null when there is no binary data
     * @throws Refusal 400 for a length that is no length, or longer than the body
     */
    static long jsonBytes(String jsonBytes, long bodyBytes) {
        if (jsonBytes == null) {
            return bodyBytes;
        }
        try {
            long length = Long.parseLong(jsonBytes.strip());
            if (length >= 0 && length <= bodyBytes) {
                return length;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw Refusal.invalid("Inference-Header-Content-Length must be the length of the JSON, from 0 to the "
                + bodyBytes + " bytes of the body, got '" + jsonBytes + "'");
    }

    /** @param jsonBytes how many bytes of the body are JSON, at least one */
    AskedInference read(int jsonBytes, RequestJson json) throws IOException {
        byte[] text = body.readNBytes(jsonBytes);
        InferHead head = InferHeadReader.read(text, json);
        TensorData[] fromJson = head.hasJsonData()
                ? InferDataReader.read(text, head.inputs(), json)
                : new TensorData[head.inputs().size()];
        List<TensorData> inputs = new ArrayList<>();
        for (int i = 0; i < fromJson.length; i++) {
            inputs.add(fromJson[i] != null ? fromJson[i] : outside(head.inputs().get(i)));
        }
        if (body.read() >= 0) {
            throw Refusal.invalid(
                    "the request body is longer than its JSON and the 'binary_data_size' of its inputs together");
        }
        List<RequestedOutput> outputs = new ArrayList<>();
        Map<String, Boolean> binary = new HashMap<>();
        for (InferHead.Output output : head.outputs()) {
            outputs.add(new RequestedOutput(output.name(), output.classes()));
            if (output.binary() != null) {
                binary.put(output.name(), output.binary());
            }
        }
        InferenceRequest request = new InferenceRequest(
                target.model(), target.version(), head.id(), inputs, outputs, head.parameters(), head.scheduling());
        return new AskedInference(request, binary, head.binaryOutputs(), windows(head.outputs()));
    }

    /** The last step of reading, for what it opens must be closed. */
    private Map<String, Window> windows(List<InferHead.Output> outputs) {
        Map<String, Window> windows = new HashMap<>();
        try {
            for (InferHead.Output output : outputs) {
                Window window = output.shared() == null ? null : memory.open(output.shared());
                Window other = window == null ? null : windows.put(output.name(), window);
                if (other != null) {
                    other.close();
                }
            }
            return windows;
        } catch (RuntimeException e) {
            windows.values().forEach(Window::close);
            throw e;
        }
    }

    private TensorData outside(TensorHead head) throws IOException {
        return head.form().tensor(head.shared() == null ? binary(head) : shared(head.shared()));
    }

    /** A copy, which counts as what was sent does. */
    private byte[] shared(SharedPart part) {
        try (Window window = memory.open(part)) {
            body.held().add(window.bytes());
            return window.read();
        }
    }

    private byte[] binary(TensorHead head) throws IOException {
        long wanted = head.binaryBytes();
        byte[] data = wanted > body.bytes() ? new byte[0] : body.readNBytes((int) wanted);
        if (data.length < wanted) {
            throw Refusal.invalid("input '" + head.form().name() + "' has a 'binary_data_size' of " + wanted
                    + ", and the request body ends before that");
        }
        return data;
    }

    /**
     * A body that is nothing but the data of the model's only input; the answer is binary then too.
     *
     * @param inputs of the model
     */
    AskedInference readRaw(ModelInputs inputs) throws IOException {
        ModelInputs.Input input = inputs.single();
        byte[] data = body.readAllBytes();
        int width = Datatype.of(input.datatype(), input.name()).width();
        if (width > 0 && data.length % width != 0) {
            throw Refusal.invalid("input '" + input.name() + "' of type " + input.datatype()
                    + ": expected a multiple of " + width + " bytes, got " + data.length);
        }
        byte[] tensor = width > 0 ? data : element(data);
        long[] shape = input.shapeFor(width > 0 ? data.length / width : 1);
        InferenceRequest request = new InferenceRequest(
                target.model(),
                target.version(),
                "",
                List.of(new TensorData(input.name(), input.datatype(), shape, tensor)),
                List.of(),
                Map.of());
        return new AskedInference(request, Map.of(), true, Map.of());
    }

    /** The body as the one element of a BYTES tensor. */
    private static byte[] element(byte[] data) {
        return ByteBuffer.allocate(Math.addExact(data.length, 4))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(data.length)
                .put(data)
                .array();
    }
}
