package dev.purekv.console.grpc;

import inference.GRPCInferenceServiceGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.List;

/**
 * Makes a message that cannot be parsed the client's error. Left alone, grpc-java takes what a marshaller throws for a
 * failure of the server: it answers UNKNOWN and logs a stack trace for every such message.
 */
final class TolerantParsing {
    private static final StatusRuntimeException CUT = Status.RESOURCE_EXHAUSTED
            .withDescription("the client does not read its responses")
            .asRuntimeException();

    private TolerantParsing() {}

    static ServerServiceDefinition of(ServerServiceDefinition service) {
        ServiceDescriptor known = service.getServiceDescriptor();
        List<? extends ServerMethodDefinition<?, ?>> methods =
                service.getMethods().stream().map(TolerantParsing::method).toList();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(known.getName()).setSchemaDescriptor(known.getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder tolerant = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(tolerant::addMethod);
        return tolerant.build();
    }

    private static <Q, R> ServerMethodDefinition<Q, R> method(ServerMethodDefinition<Q, R> strict) {
        MethodDescriptor<Q, R> known = strict.getMethodDescriptor();
        MethodDescriptor<Q, R> descriptor = known.toBuilder(
                        new Marshaller<>(known.getRequestMarshaller()), new Responses<>(known.getResponseMarshaller()))
                .setType(type(known))
                .build();
        return ServerMethodDefinition.create(
                descriptor,
                (call, headers) -> new Listener<>(
                        call,
                        Contexts.interceptCall(
                                Context.current().withValue(Uptake.KEY, new Uptake(call)),
                                call,
                                headers,
                                strict.getServerCallHandler())));
    }

    /**
     * The one response of ModelInfer may be large, and is written before the call is closed, so that its way can be watched:
     * grpc-java writes the response of a unary method when the call is closed. On the wire both are the same.
     */
    private static MethodDescriptor.MethodType type(MethodDescriptor<?, ?> known) {
        return known.getFullMethodName()
                        .equals(GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName())
                ? MethodDescriptor.MethodType.SERVER_STREAMING
                : known.getType();
    }

    /** Writes every message but null, which ends the call ({@link Uptake#reset}). */
    private record Responses<R>(MethodDescriptor.Marshaller<R> strict) implements MethodDescriptor.Marshaller<R> {
        @Override
        public InputStream stream(R message) {
            if (message == null) {
                throw CUT;
            }
            return strict.stream(message);
        }

        @Override
        public R parse(InputStream stream) {
            return strict.parse(stream);
        }
    }

    /** Parses to null what cannot be parsed, and leaves the reason with the call. */
    private record Marshaller<Q>(MethodDescriptor.Marshaller<Q> strict) implements MethodDescriptor.Marshaller<Q> {
        @Override
        public InputStream stream(Q message) {
            return strict.stream(message);
        }

        @Override
        public Q parse(InputStream stream) {
            try {
                return strict.parse(stream);
            } catch (StatusRuntimeException e) {
                // The library's own status for malformed bytes is INTERNAL; the other ones are limits.
                Status status = e.getStatus().getCode() == Status.Code.INTERNAL
                        ? Status.INVALID_ARGUMENT.withDescription(
                                "the message is not one of this method's, or is damaged")
                        : e.getStatus();
                InboundBytes.KEY.get().refuse(status);
                return null;
            } catch (OutOfMemoryError e) {
                InboundBytes.KEY.get().refuse(Statuses.of(e));
                return null;
            }
        }
    }

    /** Ends the call at such a message, or has it ended by the one who writes to it; no message follows. */
    private static final class Listener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final ServerCall<Q, ?> call;
        private boolean refused;
        private boolean closed;

        Listener(ServerCall<Q, ?> call, ServerCall.Listener<Q> handler) {
            super(handler);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            if (refused) {
                return;
            }
            if (message != null) {
                super.onMessage(message);
                return;
            }
            refused = true;
            InboundBytes inbound = InboundBytes.KEY.get();
            if (inbound.refusalHandler() != null) {
                inbound.refusalHandler().accept(inbound.refusal());
            } else {
                closed = true;
                call.close(inbound.refusal(), new Metadata());
                super.onCancel(); // so that what it had begun ends
            }
        }

        @Override
        public void onHalfClose() {
            if (!closed) {
                super.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            if (!closed) {
                super.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!closed) {
                super.onComplete();
            }
        }
    }
}
