package dev.purekv.console.grpc;

import dev.purekv.server.InferenceServer;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;

/**
 * {@code grpc.health.v1.Health/Check}, asked of the server each time. {@code Watch} stays unimplemented, as it is in
 * Triton; probes use {@code Check}.
 */
final class HealthService extends HealthGrpc.HealthImplBase {
    private static final String INFERENCE = "inference.GRPCInferenceService";

    private final InferenceServer server;

    HealthService(InferenceServer server) {
        this.server = server;
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        if (!request.getService().isEmpty() && !request.getService().equals(INFERENCE)) {
            observer.onError(Status.NOT_FOUND
                    .withDescription(
                            "unknown service '" + request.getService() + "'; known are '' and '" + INFERENCE + "'")
                    .asRuntimeException());
            return;
        }
        ServingStatus status = server.live() && server.ready() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
        observer.onNext(HealthCheckResponse.newBuilder().setStatus(status).build());
        observer.onCompleted();
    }
}
