package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.InferenceResponse;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponse;

/** Copies a response of Triton's out of its memory. Needs a PointerScope around it. */
final class ResponseReader {
    private ResponseReader() {}

    static InferenceResponse read(TRITONSERVER_InferenceResponse response) {
        ServerException error = ServerApi.exception(TRITONSERVER_InferenceResponseError(response));
        PointerPointer<BytePointer> model = new PointerPointer<>(1);
        LongPointer version = new LongPointer(1);
        check(TRITONSERVER_InferenceResponseModel(response, model, version));
        PointerPointer<BytePointer> id = new PointerPointer<>(1);
        check(TRITONSERVER_InferenceResponseId(response, id));
        return new InferenceResponse(
                text(model),
                Long.toString(version.get()),
                text(id),
                error == null ? outputs(response) : List.of(),
                parameters(response),
                error);
    }

    private static List<TensorData> outputs(TRITONSERVER_InferenceResponse response) {
        IntPointer count = new IntPointer(1);
        check(TRITONSERVER_InferenceResponseOutputCount(response, count));
        List<TensorData> outputs = new ArrayList<>();
        for (int i = 0; i < count.get(); i++) {
            outputs.add(output(response, i));
        }
        return outputs;
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
