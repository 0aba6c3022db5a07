package dev.purekv.console.grpc;

import com.google.protobuf.ByteString;
import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferInputTensor;
import inference.GrpcService.ModelInferResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client of the gRPC door, and the requests that tests send. */
final class GrpcClient implements AutoCloseable {
    final ManagedChannel channel;

    GrpcClient(RunningConsole console) {
        this(console.grpcPort());
    }

    GrpcClient(int port) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                .usePlaintext()
                .maxInboundMessageSize(1 << 30)
                .build();
    }

    GRPCInferenceServiceBlockingStub blocking() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    GRPCInferenceServiceStub async() {
        return GRPCInferenceServiceGrpc.newStub(channel);
    }

    /** A call of one message that was begun: nothing is sent, and nothing asked for, but by the caller. */
    ClientCall<ModelInferRequest, ModelInferResponse> single(CompletableFuture<Status> end) {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        return call;
    }

    /** A request for the fake model, which does what the script says. */
    static ModelInferRequest.Builder request(String script) {
        return ModelInferRequest.newBuilder().setModelName(FakeServer.MODEL).putParameters("script", text(script));
    }

    static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    static InferParameter flag(boolean value) {
        return InferParameter.newBuilder().setBoolParam(value).build();
    }

    static InferInputTensor.Builder input(String name, String datatype, long... shape) {
        InferInputTensor.Builder input =
                InferInputTensor.newBuilder().setName(name).setDatatype(datatype);
        for (long size : shape) {
            input.addShape(size);
        }
        return input;
    }

    static ByteString bytesElement(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(4 + utf8.length, buffer -> buffer.putInt(utf8.length).put(utf8));
    }

    static ByteString little(int bytes, java.util.function.Consumer<ByteBuffer> fill) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        fill.accept(buffer);
        return ByteString.copyFrom(buffer.array());
    }

    /** @return the status that a call ends with */
    static Status statusOf(Runnable call) {
        try {
            call.run();
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
