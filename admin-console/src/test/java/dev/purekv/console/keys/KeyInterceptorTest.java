package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.purekv.console.RunningConsole;
import inference.GRPCInferenceServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyInterceptorTest {
    private static final String SERVICE = "inference.GRPCInferenceService";

    @TempDir
    private static Path folder;

    private static String key;
    private static RunningConsole console;
    private static Server server;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws IOException {
        Path file = folder.resolve("keys.json");
        key = ApiKey.random();
        ApiKey made = new ApiKey("a", ApiKey.hash(key), Set.of(Scope.INFERENCE), Instant.EPOCH, 3);
        new KeyFile(file).change(keys -> {
            keys.add(made);
            return keys;
        });
        console = RunningConsole.start("purekv.keys-file=" + file);
        ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
        for (String name : new String[] {"ServerLive", "ModelInfer", "RepositoryModelUnload"}) {
            service.addMethod(method(name), ServerCalls.asyncUnaryCall((request, observer) -> {
                observer.onNext(request);
                observer.onCompleted();
            }));
        }
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service.build())
                .intercept(console.bean(KeyInterceptor.class))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.shutdownNow();
        console.close();
    }

    private static MethodDescriptor<HealthCheckRequest, HealthCheckRequest> method(String name) {
        return full(SERVICE + "/" + name);
    }

    private static MethodDescriptor<HealthCheckRequest, HealthCheckRequest> full(String name) {
        return MethodDescriptor.<HealthCheckRequest, HealthCheckRequest>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(name)
                .setRequestMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                .build();
    }

    private static Status.Code call(String method, String with) {
        Metadata headers = new Metadata();
        if (with != null) {
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + with);
        }
        Channel keyed = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        keyed, method(method), CallOptions.DEFAULT, HealthCheckRequest.getDefaultInstance()));
        return refused == null ? Status.Code.OK : refused.getStatus().getCode();
    }

    @Test
    void letsCallsInAsTheHttpDoorDoes() {
        assertThat(call("ServerLive", null)).isEqualTo(Status.Code.OK);
        assertThat(call("ModelInfer", null)).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(call("ModelInfer", ApiKey.random())).isEqualTo(Status.Code.UNAUTHENTICATED);
        assertThat(call("RepositoryModelUnload", key)).isEqualTo(Status.Code.PERMISSION_DENIED);
        for (int i = 0; i < 3; i++) {
            assertThat(call("ModelInfer", key)).isEqualTo(Status.Code.OK);
        }
        assertThat(call("ModelInfer", key)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void standsBeforeEveryMethodOfTheDoor() {
        ManagedChannel door = NettyChannelBuilder.forAddress("127.0.0.1", console.grpcPort())
                .usePlaintext()
                .build();
        try {
            GRPCInferenceServiceGrpc.getServiceDescriptor().getMethods().forEach(method -> {
                Scope scope = KeyInterceptor.scope(method.getFullMethodName());
                Status.Code expected = scope == Scope.HEALTH ? Status.Code.OK : Status.Code.UNAUTHENTICATED;
                assertThat(called(door, method.getFullMethodName()))
                        .as(method.getFullMethodName())
                        .isEqualTo(expected);
            });
        } finally {
            door.shutdownNow();
        }
    }

    /** An empty message is one of every method, and so is one call of a stream. */
    private static Status.Code called(Channel door, String method) {
        StatusRuntimeException refused = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        door, full(method), CallOptions.DEFAULT, HealthCheckRequest.getDefaultInstance()));
        return refused == null ? Status.Code.OK : refused.getStatus().getCode();
    }

    @Test
    void asksTheMostOfMethodsThatItDoesNotKnow() {
        assertThat(KeyInterceptor.scope(SERVICE + "/Unheard")).isEqualTo(Scope.REPOSITORY);
        assertThat(KeyInterceptor.scope(SERVICE + "/LogSettings")).isEqualTo(Scope.REPOSITORY);
        assertThat(KeyInterceptor.scope(SERVICE + "/ModelStreamInfer")).isEqualTo(Scope.INFERENCE);
    }
}
