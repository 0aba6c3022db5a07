package dev.purekv.console.keys;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
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
            Map.entry("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Scope.METADATA),
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
        Scope scope = scope(call.getMethodDescriptor().getFullMethodName());
        String authorization = headers.get(AUTHORIZATION);
        try {
            access.admit(scope, authorization);
        } catch (KeyRefused refused) {
            call.close(Admission.status(refused), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        Admission admission = new Admission(access, scope, authorization);
        ServerCall.Listener<Q> listener =
                Contexts.interceptCall(Context.current().withValue(Admission.KEY, admission), call, headers, next);
        return call.getMethodDescriptor().getType().clientSendsOneMessage()
                ? listener
                : new Stream<>(listener, call, admission);
    }

    /** Asks for each request of a stream that does not ask itself, and ends it at the first that is not let in. */
    private static final class Stream<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private final Admission admission;
        private boolean refused;

        Stream(ServerCall.Listener<Q> listener, ServerCall<Q, ?> call, Admission admission) {
            super(listener);
            this.call = call;
            this.admission = admission;
        }

        @Override
        public void onMessage(Q message) {
            Status no = refused || admission.taken() ? null : admission.next();
            if (no != null) {
                refused = true;
                call.close(no, new Metadata());
            } else if (!refused) {
                super.onMessage(message);
            }
        }

        @Override
        public void onHalfClose() {
            if (!refused) {
                super.onHalfClose();
            }
        }
    }

    /** What is not listed, such as loading a model or changing a setting, needs the most. */
    static Scope scope(String method) {
        return SCOPES.getOrDefault(method, Scope.REPOSITORY);
    }
}
