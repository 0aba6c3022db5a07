package dev.purekv.console.grpc;

import dev.purekv.console.patience.Looks;
import dev.purekv.console.settings.PureKvSettings;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Ends calls whose client begins a message and does not finish it in time. A call of one message owes it from its beginning
 * on; a stream owes one from the message's first byte, and may be silent between messages for as long as it likes.
 */
@Component
final class MessageDeadline implements ServerInterceptor {
    private static final long LOOK_MILLIS = 500;

    private final Set<Watched<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private final Duration patience;

    MessageDeadline(PureKvSettings settings, GrpcThreads threads) {
        patience = settings.grpc().messageTimeout();
        Looks.every(LOOK_MILLIS, threads.delivery(), calls, this::look);
    }

    private void look(Watched<?, ?> call) {
        long since = call.owesSince();
        if (since != 0 && System.nanoTime() - since > patience.toNanos()) {
            calls.remove(call);
            call.expire(Status.DEADLINE_EXCEEDED.withDescription("a message of the request did not arrive within "
                    + patience.toMillis() + " ms; send it faster, or raise purekv.grpc.message-timeout"));
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Watched<Q, A> watched = new Watched<>(call);
        ServerCall.Listener<Q> handler = next.startCall(watched, headers);
        calls.add(watched);
        return new SimpleForwardingServerCallListener<>(handler) {
            @Override
            public void onHalfClose() {
                if (watched.completed()) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onCancel() {
                calls.remove(watched);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                calls.remove(watched);
                super.onComplete();
            }
        };
    }

    /** A call that is closed once, by whoever is first. */
    private static final class Watched<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final InboundBytes inbound = InboundBytes.KEY.get();
        private final boolean oneMessage;
        private final long start = InboundBytes.now();
        private boolean complete; // with what the client sends
        private boolean closed;

        Watched(ServerCall<Q, A> call) {
            super(call);
            oneMessage = call.getMethodDescriptor().getType().clientSendsOneMessage();
        }

        /** @return of System.nanoTime; 0 when nothing is owed */
        synchronized long owesSince() {
            if (complete || closed) {
                return 0;
            }
            return oneMessage ? start : inbound.messageSince();
        }

        /** @return false when the call has ended already, and its handler must not begin */
        synchronized boolean completed() {
            complete = true;
            return !closed;
        }

        void expire(Status status) {
            // Who writes to a stream on other threads ends it; before the half-close of a single message nobody writes.
            Consumer<Status> writer = inbound.refusalHandler();
            if (writer != null) {
                writer.accept(status);
            } else {
                close(status, new Metadata());
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            synchronized (this) {
                if (closed) {
                    return;
                }
                closed = true;
            }
            super.close(status, trailers);
        }
    }
}
