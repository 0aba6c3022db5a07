package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.bytesElement;
import static dev.purekv.console.grpc.GrpcClient.flag;
import static dev.purekv.console.grpc.GrpcClient.input;
import static dev.purekv.console.grpc.GrpcClient.little;
import static dev.purekv.console.grpc.GrpcClient.number;
import static dev.purekv.console.grpc.GrpcClient.request;
import static dev.purekv.console.grpc.GrpcClient.statusOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.purekv.console.RunningConsole;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.Scheduling;
import inference.GrpcService.InferParameter;
import inference.GrpcService.InferTensorContents;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferRequestedOutputTensor;
import inference.GrpcService.ModelInferResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.Status.Code;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelInferTest {
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

    @BeforeEach
    void forget() {
        console.server.requests.clear();
    }

    private static ModelInferResponse infer(ModelInferRequest.Builder request) {
        return client.blocking().modelInfer(request.build());
    }

    private static Status refusal(ModelInferRequest.Builder request) {
        return statusOf(() -> infer(request));
    }

    @Test
    void rawTensorsGoThereAndBack() {
        ByteString ints = little(8, buffer -> buffer.putInt(7).putInt(-1));
        ModelInferResponse response = infer(request("mirror")
                .setId("seven")
                .addInputs(input("ints", "INT32", 1, 2))
                .addInputs(input("text_input", "BYTES", 1))
                .addRawInputContents(ints)
                .addRawInputContents(bytesElement("h\u00e9")));
        assertThat(response.getId()).isEqualTo("seven");
        assertThat(response.getModelVersion()).isEqualTo("1");
        assertThat(response.getOutputs(0).getDatatype()).isEqualTo("INT32");
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(1L, 2L);
        assertThat(response.getRawOutputContentsList()).containsExactly(ints, bytesElement("h\u00e9"));
        assertThat(response.getParametersOrThrow("tokens").getInt64Param()).isEqualTo(3);
        assertThat(response.getParametersOrThrow("ratio").getDoubleParam()).isEqualTo(0.5);
    }

    private static ByteString mirrored(String datatype, InferTensorContents.Builder contents, long... shape) {
        return infer(request("mirror").addInputs(input("x", datatype, shape).setContents(contents)))
                .getRawOutputContents(0);
    }

    private static InferTensorContents.Builder contents() {
        return InferTensorContents.newBuilder();
    }

    @Test
    void typedContentsBecomeLittleEndianBytes() {
        assertThat(mirrored("BOOL", contents().addBoolContents(true).addBoolContents(false), 2))
                .isEqualTo(ByteString.copyFrom(new byte[] {1, 0}));
        assertThat(mirrored("INT8", contents().addIntContents(-2), 1)).isEqualTo(ByteString.copyFrom(new byte[] {-2}));
        assertThat(mirrored("INT16", contents().addIntContents(-300), 1))
                .isEqualTo(little(2, buffer -> buffer.putShort((short) -300)));
        assertThat(mirrored("INT32", contents().addIntContents(Integer.MIN_VALUE), 1, 1))
                .isEqualTo(little(4, buffer -> buffer.putInt(Integer.MIN_VALUE)));
        assertThat(mirrored("INT64", contents().addInt64Contents(-5), 1))
                .isEqualTo(little(8, buffer -> buffer.putLong(-5)));
        assertThat(mirrored("UINT8", contents().addUintContents(255), 1))
                .isEqualTo(ByteString.copyFrom(new byte[] {-1}));
        assertThat(mirrored("UINT16", contents().addUintContents(65535), 1))
                .isEqualTo(little(2, buffer -> buffer.putShort((short) -1)));
        assertThat(mirrored("UINT32", contents().addUintContents(-1), 1))
                .isEqualTo(little(4, buffer -> buffer.putInt(-1)));
        assertThat(mirrored("UINT64", contents().addUint64Contents(-1), 1))
                .isEqualTo(little(8, buffer -> buffer.putLong(-1)));
        assertThat(mirrored("FP32", contents().addFp32Contents(0.1f), 1))
                .isEqualTo(little(4, buffer -> buffer.putFloat(0.1f)));
        assertThat(mirrored("FP64", contents().addFp64Contents(0.1), 1))
                .isEqualTo(little(8, buffer -> buffer.putDouble(0.1)));
        assertThat(mirrored("BYTES", contents().addBytesContents(ByteString.copyFromUtf8("ab")), 1))
                .isEqualTo(bytesElement("ab"));
    }

    @Test
    void parametersAreTheSchedulersOrTheModels() {
        infer(request("echo")
                .setModelVersion("1")
                .putParameters("sequence_id", number(-1))
                .putParameters("sequence_start", flag(true))
                .putParameters(
                        "priority",
                        InferParameter.newBuilder().setUint64Param(-1).build())
                .putParameters("timeout", number(5))
                .putParameters(
                        "temperature",
                        InferParameter.newBuilder().setDoubleParam(0.5).build())
                .putParameters("top_k", number(4))
                .putParameters(
                        "compression_ratio",
                        InferParameter.newBuilder().setUint64Param(3).build())
                .addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName("text_output")
                        .putParameters("classification", number(2))));
        InferenceRequest heard = console.server.requests.remove();
        assertThat(heard.version()).isEqualTo("1");
        assertThat(heard.scheduling()).isEqualTo(new Scheduling(-1L, true, false, -1, 5));
        assertThat(heard.parameters())
                .containsEntry("temperature", 0.5)
                .containsEntry("top_k", 4L)
                .containsEntry("compression_ratio", 3L)
                .hasSize(4);
        assertThat(heard.outputs()).containsExactly(new RequestedOutput("text_output", 2));
    }

    @Test
    void parametersOfTheWrongTypeAreRefused() {
        for (String name : new String[] {"sequence_id", "sequence_end", "priority", "timeout"}) {
            InferParameter wrong = InferParameter.newBuilder().setDoubleParam(1).build();
            Status status = refusal(request("echo").putParameters(name, wrong));
            assertThat(status.getCode()).as(name).isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(status.getDescription()).contains("'" + name + "'");
        }
        assertThat(refusal(request("echo").putParameters("priority", number(-1)))
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusal(request("echo").putParameters("triton_other", flag(true)))
                        .getDescription())
                .contains("reserved");
        assertThat(refusal(request("echo").putParameters("none", InferParameter.getDefaultInstance()))
                        .getCode())
                .isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(console.server.requests).isEmpty();
    }

    @Test
    void aDecoupledModelNeedsTheStream() {
        Status status = refusal(request("echo").setModelVersion("2"));
        assertThat(status.getCode()).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(status.getDescription()).contains("decoupled", "ModelStreamInfer");
    }

    @Test
    void statusesAreTritonsOwn() {
        assertThat(refusal(request("echo").setModelName("other")).getCode()).isEqualTo(Code.NOT_FOUND);
        assertThat(refusal(request("fails")).getCode()).isEqualTo(Code.UNAVAILABLE);
        assertThat(refusal(request("refuse INVALID_ARG")).getCode()).isEqualTo(Code.INVALID_ARGUMENT);
        assertThat(refusal(request("refuse UNSUPPORTED")).getCode()).isEqualTo(Code.UNIMPLEMENTED);
        assertThat(refusal(request("refuse ALREADY_EXISTS")).getCode()).isEqualTo(Code.ALREADY_EXISTS);
        assertThat(refusal(request("refuse CANCELLED")).getCode()).isEqualTo(Code.CANCELLED);
        assertThat(refusal(request("refuse INTERNAL")).getCode()).isEqualTo(Code.INTERNAL);
        assertThat(refusal(request("refuse UNKNOWN")).getCode()).isEqualTo(Code.UNKNOWN);
        assertThat(refusal(request("flags only")).getDescription()).contains("exactly 1 response");
    }

    @Test
    void aClientThatLeavesCancelsTheInference() {
        int before = console.server.cancelled.get();
        Context.CancellableContext context = Context.current().withCancellation();
        context.run(() -> client.async()
                .modelInfer(request("forever 0 5").build(), new io.grpc.stub.StreamObserver<ModelInferResponse>() {
                    @Override
                    public void onNext(ModelInferResponse response) {
                        throw new AssertionError("no response may come");
                    }

                    @Override
                    public void onError(Throwable failure) {
                        // the client's own cancellation
                    }

                    @Override
                    public void onCompleted() {
                        throw new AssertionError("it cannot complete");
                    }
                }));
        Awaitility.await().until(() -> !console.server.requests.isEmpty());
        context.cancel(null);
        Awaitility.await().until(() -> console.server.cancelled.get() == before + 1);
        Awaitility.await().until(() -> console.bean(RunningCalls.class).count() == 0);
        Awaitility.await().until(() -> console.bean(GrpcDoor.class).heldBytes() == 0);
    }

    @Test
    void compressedRequestsAreRead() {
        ModelInferResponse response = client.blocking()
                .withCompression("gzip")
                .modelInfer(request("mirror")
                        .addInputs(input("x", "UINT8", 100_000))
                        .addRawInputContents(ByteString.copyFrom(new byte[100_000]))
                        .build());
        assertThat(response.getRawOutputContents(0).size()).isEqualTo(100_000);
    }
}
