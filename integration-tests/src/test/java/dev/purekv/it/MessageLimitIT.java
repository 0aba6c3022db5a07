package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Messages of 256 MB over gRPC, in a heap that has room for one at a time. */
class MessageLimitIT {
    private static final int LIMIT = 256 << 20;

    /** One of its tokens has 80 bytes. */
    private static ModelInferRequest request(int tokens) {
        return GrpcRequests.stage(tokens)
                .putParameters(
                        "compression_ratio",
                        InferParameter.newBuilder().setInt64Param(64).build())
                .build();
    }

    @Test
    void oneJustBelowTheLimitIsServedAndOneJustAboveRefusedAgainAndAgain() throws Exception {
        ModelInferRequest below = request(LIMIT / 80 - 10);
        ModelInferRequest above = request(LIMIT / 80 + 10);
        assertThat(below.getSerializedSize()).isBetween(LIMIT - 1000, LIMIT);
        assertThat(above.getSerializedSize()).isBetween(LIMIT + 1, LIMIT + 2000);
        try (RunningServer server =
                RunningServer.start(Path.of("model-repository"), Map.of("JDK_JAVA_OPTIONS", "-Xmx2300m"))) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                    .usePlaintext()
                    .maxInboundMessageSize(1 << 30)
                    .build();
            try {
                // What one leaves behind in the budget, or in the heap, the next would miss.
                for (int round = 0; round < 4; round++) {
                    assertThat(client(channel).modelInfer(below).getOutputsCount())
                            .isEqualTo(3);
                    StatusRuntimeException refused = catchThrowableOfType(
                            StatusRuntimeException.class, () -> client(channel).modelInfer(above));
                    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                    assertThat(refused.getStatus().getDescription()).contains(Integer.toString(LIMIT));
                }
                assertThat(server.log()).doesNotContain("OutOfMemoryError");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static GRPCInferenceServiceBlockingStub client(ManagedChannel channel) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel).withDeadlineAfter(3, TimeUnit.MINUTES);
    }
}
