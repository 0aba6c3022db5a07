package dev.purekv.console.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.console.RunningConsole;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GrpcHealthTest {
    private static RunningConsole console;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", console.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        console.close();
    }

    private static ServingStatus check(String service) {
        return HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.newBuilder().setService(service).build())
                .getStatus();
    }

    @Test
    void followsTheServer() {
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
        assertThat(check("inference.GRPCInferenceService")).isEqualTo(ServingStatus.SERVING);

        console.server.ready.set(false);
        assertThat(check("")).isEqualTo(ServingStatus.NOT_SERVING);
        console.server.ready.set(true);
        assertThat(check("")).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void knowsNoOtherService() {
        assertThatThrownBy(() -> check("other"))
                .isInstanceOf(StatusRuntimeException.class)
                .extracting(e -> ((StatusRuntimeException) e).getStatus().getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
    }
}
