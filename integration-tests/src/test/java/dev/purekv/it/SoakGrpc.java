package dev.purekv.it;

import com.google.protobuf.ByteString;
import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The gRPC side of a soak's client: one connection, and a ModelStreamInfer for each question. */
final class SoakGrpc implements AutoCloseable {
    private final ManagedChannel channel;

    SoakGrpc(int port) {
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    private GrpcStream ask(SoakQuestions.Asked question, Map<String, Object> more) {
        String text = (String) question.fields().get("text_input");
        ModelInferRequest.Builder request = GrpcRequests.question("soak", text)
                .addInputs(GrpcRequests.input("exclude_input_in_output", "BOOL", 1))
                .addRawInputContents(ByteString.copyFrom(new byte[] {1}));
        for (String medium : new String[] {"image", "video"}) {
            if (question.fields().get(medium) instanceof String encoded) {
                byte[] utf8 = encoded.getBytes(StandardCharsets.UTF_8);
                ByteBuffer element = ByteBuffer.allocate(4 + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
                request.addInputs(GrpcRequests.input(medium, "BYTES", 1))
                        .addRawInputContents(ByteString.copyFrom(
                                element.putInt(utf8.length).put(utf8).array()));
            }
        }
        question.parameters().forEach((name, value) -> request.putParameters(name, parameter(value)));
        more.forEach((name, value) -> request.putParameters(name, parameter(value)));
        GrpcStream stream = new GrpcStream(true);
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream).onNext(request.build());
        return stream;
    }

    private static InferParameter parameter(Object value) {
        InferParameter.Builder parameter = InferParameter.newBuilder();
        if (value instanceof Boolean flag) {
            return parameter.setBoolParam(flag).build();
        }
        return value instanceof Number number
                ? parameter.setInt64Param(number.longValue()).build()
                : parameter.setStringParam((String) value).build();
    }

    /** @return the text, or what came in its place */
    String answer(SoakQuestions.Asked question, Map<String, Object> more) throws Exception {
        GrpcStream stream = ask(question, more);
        StringBuilder text = new StringBuilder();
        while (true) {
            ModelStreamInferResponse message = stream.next();
            if (!message.getErrorMessage().isEmpty()) {
                text.append("(an error) ").append(message.getErrorMessage());
                stream.call.cancel("it failed", null);
                return text.toString();
            }
            if (message.getInferResponse().getRawOutputContentsCount() > 0) {
                ByteString element = message.getInferResponse().getRawOutputContents(0);
                text.append(element.substring(4).toStringUtf8()); // behind its length
            }
            if (GrpcRequests.isFinal(message)) {
                stream.call.onCompleted();
                return stream.end().isOk() ? text.toString() : text + "(an end) " + stream.end();
            }
        }
    }

    /** @param afterFirst whether it waits for something of the answer */
    void leave(SoakQuestions.Asked question, boolean afterFirst, long millis) throws InterruptedException {
        GrpcStream stream = ask(question, Map.of());
        if (afterFirst) {
            stream.next();
        }
        Thread.sleep(millis);
        stream.call.cancel("enough", null);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
