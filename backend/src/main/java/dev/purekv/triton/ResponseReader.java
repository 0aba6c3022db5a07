package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponse;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Server;

/** Copies a response of Triton's out of its memory. Needs a PointerScope around it. */
final class ResponseReader {
    private final Map<String, Integer> classes; // by output, for those that are classified
    private final boolean batched;

    private ResponseReader(Map<String, Integer> classes, boolean batched) {
        this.classes = classes;
        this.batched = batched;
    }

    static ResponseReader of(TRITONSERVER_Server server, InferenceRequest request, long version) {
        Map<String, Integer> classes = request.outputs().stream()
                .filter(output -> output.classes() > 0)
                .collect(Collectors.toMap(RequestedOutput::name, RequestedOutput::classes, Math::max));
        return new ResponseReader(classes, !classes.isEmpty() && batched(server, request.model(), version));
    }

    private static boolean batched(TRITONSERVER_Server server, String model, long version) {
        try (PointerScope scope = new PointerScope()) {
            IntPointer flags = new IntPointer(1);
            check(TRITONSERVER_ServerModelBatchProperties(server, ServerApi.text(model), version, flags, null));
            return (flags.get() & TRITONSERVER_BATCH_FIRST_DIM) != 0;
        }
    }

    /** @return one with an error where what it carries cannot be given as it was asked for */
    InferenceResponse read(TRITONSERVER_InferenceResponse response) {
        ServerException error = ServerApi.exception(TRITONSERVER_InferenceResponseError(response));
        PointerPointer<BytePointer> model = new PointerPointer<>(1);
        LongPointer version = new LongPointer(1);
        check(TRITONSERVER_InferenceResponseModel(response, model, version));
        PointerPointer<BytePointer> id = new PointerPointer<>(1);
        check(TRITONSERVER_InferenceResponseId(response, id));
        List<TensorData> outputs = List.of();
        if (error == null) {
            try {
                outputs = outputs(response);
            } catch (ServerException e) {
                error = e;
            }
        }
        return new InferenceResponse(
                text(model), Long.toString(version.get()), text(id), outputs, parameters(response), error);
    }

    private List<TensorData> outputs(TRITONSERVER_InferenceResponse response) {
        IntPointer count = new IntPointer(1);
        check(TRITONSERVER_InferenceResponseOutputCount(response, count));
        List<TensorData> outputs = new ArrayList<>();
        for (int i = 0; i < count.get(); i++) {
            TensorData output = output(response, i);
            Integer wanted = classes.get(output.name());
            outputs.add(wanted == null ? output : classified(response, i, output, wanted));
        }
        return outputs;
    }

    private TensorData classified(TRITONSERVER_InferenceResponse response, int index, TensorData output, int wanted) {
        return Classification.of(output, wanted, batched, position -> {
            PointerPointer<BytePointer> label = new PointerPointer<>(1);
            label.put(0, (Pointer) null);
            check(TRITONSERVER_InferenceResponseOutputClassificationLabel(response, index, position, label));
            return text(label);
        });
    }

    private static TensorData output(TRITONSERVER_InferenceResponse response, int index) {
        PointerPointer<BytePointer> name = new PointerPointer<>(1);
        IntPointer type = new IntPointer(1);
        PointerPointer<LongPointer> shape = new PointerPointer<>(1);
        LongPointer dimensions = new LongPointer(1);
        PointerPointer<Pointer> base = new PointerPointer<>(1);
        SizeTPointer bytes = new SizeTPointer(1);
        check(TRITONSERVER_InferenceResponseOutput(
                response,
                index,
                name,
                type,
                shape,
                dimensions,
                base,
                bytes,
                new IntPointer(1),
                new LongPointer(1),
                new PointerPointer<Pointer>(1)));
        long[] sizes = new long[Math.toIntExact(dimensions.get())];
        shape.get(LongPointer.class, 0).capacity(sizes.length).get(sizes);
        return new TensorData(
                text(name), Datatype.of(type.get()).name(), sizes, ServerApi.bytes(base.get(), bytes.get()));
    }

    private static Map<String, Object> parameters(TRITONSERVER_InferenceResponse response) {
        IntPointer count = new IntPointer(1);
        check(TRITONSERVER_InferenceResponseParameterCount(response, count));
        Map<String, Object> parameters = new LinkedHashMap<>();
        for (int i = 0; i < count.get(); i++) {
            PointerPointer<BytePointer> name = new PointerPointer<>(1);
            IntPointer type = new IntPointer(1);
            PointerPointer<Pointer> value = new PointerPointer<>(1);
            check(TRITONSERVER_InferenceResponseParameter(response, i, name, type, value));
            parameters.put(text(name), value(type.get(), value));
        }
        return parameters;
    }

    private static Object value(int type, PointerPointer<Pointer> value) {
        return switch (type) {
            case TRITONSERVER_PARAMETER_INT -> new LongPointer(value.get()).get();
            case TRITONSERVER_PARAMETER_BOOL -> new BoolPointer(value.get()).get();
            case TRITONSERVER_PARAMETER_DOUBLE -> new DoublePointer(value.get()).get();
            default -> new BytePointer(value.get()).getString(StandardCharsets.UTF_8);
        };
    }

    private static String text(PointerPointer<BytePointer> pointer) {
        BytePointer text = pointer.get(BytePointer.class, 0);
        return text == null ? "" : text.getString(StandardCharsets.UTF_8);
    }
}
