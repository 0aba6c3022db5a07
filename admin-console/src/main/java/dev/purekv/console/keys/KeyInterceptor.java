package dev.purekv.console.keys;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Asks for keys at the gRPC door: the metadata {@code authorization: Bearer <key>}. */
@Component
public final class KeyInterceptor implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Map<String, Scope> SCOPES = Map.ofEntries(
            Map.entry("grpc.health.v1.Health/Check", Scope.HEALTH),
            Map.entry("grpc.health.v1.Health/Watch", Scope.HEALTH),
            Map.entry("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ServerLive", Scope.HEALTH),
            Map.entry("inference.GRPCInferenceService/ServerReady", Scope.HEALTH),
            Map.entry("inference.GRPCInferenceService/ModelReady", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ServerMetadata", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ModelMetadata", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ModelConfig", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ModelStatistics", Scope.METADATA),
            Map.entry("inference.GRPCInferenceService/ModelInfer", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/ModelStreamInfer", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/SystemSharedMemoryStatus", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/SystemSharedMemoryRegister", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/SystemSharedMemoryUnregister", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/CudaSharedMemoryStatus", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/CudaSharedMemoryRegister", Scope.INFERENCE),
            Map.entry("inference.GRPCInferenceService/CudaSharedMemoryUnregister", Scope.INFERENCE));

    private final Access access;

    KeyInterceptor(Access access) {
        this.access = access;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            access.admit(scope(call.getMethodDescriptor().getFullMethodName()), headers.get(AUTHORIZATION));
        } catch (KeyRefused refused) {
            call.close(status(refused.reason()).withDescription(refused.getMessage()), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return next.startCall(call, headers);
    }

    /** What is not listed, such as loading a model or changing a setting, needs the most. */
    static Scope scope(String method) {
        return SCOPES.getOrDefault(method, Scope.REPOSITORY);
    }

    private static Status status(KeyRefused.Reason reason) {
        return switch (reason) {
            case UNKNOWN -> Status.UNAUTHENTICATED;
            case SCOPE -> Status.PERMISSION_DENIED;
            case RATE -> Status.RESOURCE_EXHAUSTED;
            case UNREADABLE -> Status.UNAVAILABLE;
        };
    }
}
