package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.bytesElement;
import static dev.purekv.console.grpc.GrpcClient.input;
import static dev.purekv.console.grpc.GrpcClient.little;
import static dev.purekv.console.grpc.GrpcClient.number;
import static dev.purekv.console.grpc.GrpcClient.request;
import static dev.purekv.console.grpc.GrpcClient.statusOf;
import static dev.purekv.console.grpc.GrpcClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.purekv.console.RunningConsole;
import inference.GrpcService.InferTensorContents;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferRequestedOutputTensor;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What no well-meaning client sends is refused with words, before the server hears of it. */
@ExtendWith(OutputCaptureExtension.class)
class HostileMessagesTest {
    private static RunningConsole console;
    private static GrpcClient client;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        client = new GrpcClient(console);
    }

    @AfterAll
    static void stop() {
        client.close();
        console.close();
    }

    @AfterEach
    void theServerHeardNothingAndTheDoorIsWell() {
        assertThat(console.server.requests).isEmpty();
        client.blocking().modelInfer(request("echo").build());
        console.server.requests.clear();
    }

    private static void refuses(String words, ModelInferRequest.Builder request) {
        Status status = statusOf(() -> client.blocking().modelInfer(request.build()));
        assertThat(status.getCode()).as(status.toString()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(status.getDescription()).contains(words);
    }

    private static ModelInferRequest.Builder raw(String datatype, int bytes, long... shape) {
        return request("echo")
                .addInputs(input("x", datatype, shape))
                .addRawInputContents(ByteString.copyFrom(new byte[bytes]));
    }

    @Test
    void rawLengthsMustFitTheShape() {
        refuses("must have a size in bytes of 8, got 7", raw("INT32", 7, 2));
        refuses("must have a size in bytes of 8, got 9", raw("INT32", 9, 2));
        refuses("must have a size in bytes of 0, got 1", raw("INT32", 1, 0));
        refuses("must have a size in bytes of 2, got 0", raw("FP16", 0));
    }

    @Test
    void shapesMustNotBeNegativeNorOverflow() {
        refuses("sizes of 0 or more", raw("INT32", 4, -1));
        refuses("sizes of 0 or more", raw("INT8", 0, Long.MIN_VALUE));
        refuses("at most 2^31", raw("INT8", 0, 1L << 32, 1L << 32));
        refuses("at most 2^31", raw("INT8", 0, 65536, 65536, 65536, 65536));
        refuses("sizes of 0 or more", raw("INT8", 0, -2, -2));
        refuses("at most 2^31", raw("INT8", 0, 0, Long.MAX_VALUE));
        refuses("65 dimensions", raw("INT8", 1, new long[65]));
    }

    @Test
    void datatypesMustBeKnown() {
        refuses("unknown datatype 'INT128'", raw("INT128", 16, 1));
        refuses("unknown datatype ''", raw("", 0, 0));
        refuses("unknown datatype 'int32'", raw("int32", 4, 1));
    }

    private static ModelInferRequest.Builder typed(String datatype, InferTensorContents.Builder contents) {
        return request("echo").addInputs(input("x", datatype, 1).setContents(contents));
    }

    private static InferTensorContents.Builder contents() {
        return InferTensorContents.newBuilder();
    }

    @Test
    void contentsMustBeOfTheDatatypeAndInRange() {
        refuses("int_contents, expected fp32_contents", typed("FP32", contents().addIntContents(1)));
        refuses("raw_input_contents", typed("FP16", contents().addFp32Contents(1)));
        refuses(
                "expected int_contents",
                typed("INT32", contents().addIntContents(1).addInt64Contents(1)));
        refuses("200 is out of the range of INT8", typed("INT8", contents().addIntContents(200)));
        refuses(
                "4294967295 is out of the range of UINT16",
                typed("UINT16", contents().addUintContents(-1)));
        refuses(
                "must have 1 elements, got 2",
                typed("BYTES", contents().addBytesContents(ByteString.EMPTY).addBytesContents(ByteString.EMPTY)));
        refuses("must have a size in bytes of 4, got 0", typed("INT32", contents()));
    }

    @Test
    void bytesElementsMustBeWhole() {
        ModelInferRequest.Builder request = request("echo").addInputs(input("x", "BYTES", 1));
        refuses("element 0", request.clone().addRawInputContents(little(4, buffer -> buffer.putInt(5))));
        refuses("element 0", request.clone().addRawInputContents(little(8, buffer -> buffer.putInt(-1))));
        refuses("element 0", request.clone().addRawInputContents(ByteString.copyFrom(new byte[3])));
        refuses(
                "element 1",
                request.clone()
                        .addRawInputContents(
                                bytesElement("ok").concat(bytesElement("x").substring(1))));
        refuses(
                "must have 1 elements, got 2",
                request.clone().addRawInputContents(bytesElement("a").concat(bytesElement("b"))));
    }

    @Test
    void everyInputMustHaveItsDataOnce() {
        refuses("unable to find data", request("echo").addInputs(input("x", "INT8", 1)));
        refuses("expected 0", request("echo").addRawInputContents(ByteString.EMPTY));
        refuses(
                "contents field must not be specified",
                typed("INT8", contents().addIntContents(1)).addRawInputContents(ByteString.EMPTY));
        refuses("unable to find data", raw("INT8", 1, 1).addInputs(input("y", "INT8", 1)));
    }

    @Test
    void listsAreBounded() {
        ModelInferRequest.Builder many = request("echo");
        for (int i = 0; i < 1025; i++) {
            many.addOutputs(InferRequestedOutputTensor.newBuilder().setName("o" + i));
        }
        refuses("at most 1024", many);
    }

    @Test
    void sharedMemoryParametersMustBeWhole() {
        ModelInferRequest.Builder request = request("echo");
        refuses(
                "without 'shared_memory_region'",
                request.clone().addInputs(input("x", "INT8", 1).putParameters("shared_memory_offset", number(0))));
        refuses(
                "must be specified along",
                request.clone().addInputs(input("x", "INT8", 1).putParameters("shared_memory_region", text("r"))));
        refuses(
                "expected a string",
                request.clone().addInputs(input("x", "INT8", 1).putParameters("shared_memory_region", number(0))));
    }

    /** As it comes from a client that has its own idea of the protocol. */
    private static final MethodDescriptor<byte[], byte[]> BYTES = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
            .setRequestMarshaller(new BytesMarshaller())
            .setResponseMarshaller(new BytesMarshaller())
            .build();

    private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }

    @Test
    void bytesThatAreNoMessageEndTheCallOnly() {
        for (byte[] each : new byte[][] {{1}, {(byte) 0xff, (byte) 0xff, 1}, {0x0a, 0x7f}, new byte[1000]}) {
            Status status =
                    statusOf(() -> ClientCalls.blockingUnaryCall(client.channel, BYTES, CallOptions.DEFAULT, each));
            assertThat(status.getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        }
    }

    @Test
    void bytesThatAreNoMessageEndAStreamThatIsBeingAnswered(CapturedOutput output) throws Exception {
        MethodDescriptor<byte[], byte[]> method = BYTES.toBuilder()
                .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                .setFullMethodName("inference.GRPCInferenceService/ModelStreamInfer")
                .build();
        byte[] running = request("forever 1 0").setModelVersion("2").build().toByteArray();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Status> end = new CompletableFuture<>();
            StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(
                    client.channel.newCall(method, CallOptions.DEFAULT), new StreamObserver<>() {
                        @Override
                        public void onNext(byte[] response) {
                            // They come as fast as they can be written.
                        }

                        @Override
                        public void onError(Throwable failure) {
                            end.complete(Status.fromThrowable(failure));
                        }

                        @Override
                        public void onCompleted() {
                            end.complete(Status.OK);
                        }
                    });
            requests.onNext(running);
            requests.onNext(new byte[] {(byte) 0xff, (byte) 0xff, 1});
            assertThat(end.get(60, TimeUnit.SECONDS).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        }
        Awaitility.await().until(() -> console.server.cancelled.get() == 50);
        assertThat(output.getAll()).doesNotContain("Exception");
        console.server.requests.clear();
    }
}
