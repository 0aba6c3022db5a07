package dev.purekv.it;

import inference.GRPCInferenceServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;

/** A client in a process of its own, which asks a question whose answer takes long and waits to be killed. */
final class LeavingClient {
    private LeavingClient() {}

    /** @param arguments the server's gRPC port */
    public static void main(String[] arguments) throws InterruptedException {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(arguments[0]))
                .usePlaintext()
                .build();
        GrpcStream stream = new GrpcStream(true);
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream);
        stream.call.onNext(GrpcRequests.longQuestion("1", 30_000).build());
        TimeUnit.MINUTES.sleep(10);
    }
}
