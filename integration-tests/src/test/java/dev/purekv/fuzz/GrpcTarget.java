package dev.purekv.fuzz;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The gRPC door: calls with messages that are odd, or no messages at all. */
final class GrpcTarget implements AutoCloseable {
    private static final int DEADLINE_SECONDS = 30;
    private static final String SERVICE = "inference.GRPCInferenceService/";
    private static final List<Metadata.Key<String>> HEADERS = List.of(
            key("triton_grpc_error"), key("authorization"), key("x-odd"), key("grpc-timeout-x"), key("user-agent"));

    private final ManagedChannel channel;
    private final GrpcSeeds seeds = new GrpcSeeds();
    private final FuzzReport report;

    GrpcTarget(int port, FuzzReport report) {
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        this.report = report;
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    void send(String name, Random random) {
        String method = seeds.method(random);
        int messages = method.equals("ModelStreamInfer") ? random.nextInt(5) : 1;
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
        ClientCall<byte[], byte[]> call =
                channel.newCall(descriptor(method), random.nextInt(5) == 0 ? options.withCompression("gzip") : options);
        Answer answer = new Answer(call);
        Metadata headers = new Metadata();
        if (random.nextInt(4) == 0) {
            headers.put(HEADERS.get(random.nextInt(HEADERS.size())), random.nextBoolean() ? "true" : "x".repeat(200));
        }
        call.start(answer, headers);
        StringBuilder sample = new StringBuilder(name + ": " + method);
        for (int i = 0; i < messages; i++) {
            byte[] message = message(method, random);
            sample.append(' ').append(new String(message, StandardCharsets.ISO_8859_1));
            call.sendMessage(message);
        }
        boolean leaves = random.nextInt(20) == 0;
        call.request(Integer.MAX_VALUE);
        if (leaves) {
            call.cancel("left", null);
        } else {
            call.halfClose();
        }
        judge(answer.end, sample.toString(), leaves);
    }

    private byte[] message(String method, Random random) {
        Message seed = seeds.message(method, random);
        byte[] bytes = (random.nextInt(20) == 0 ? seed : OddMessage.changed(seed, random)).toByteArray();
        return random.nextInt(6) == 0 ? Bytes.damaged(bytes, random) : bytes;
    }

    private void judge(CompletableFuture<Status> end, String sample, boolean left) {
        try {
            Status status = end.get(DEADLINE_SECONDS + 10L, TimeUnit.SECONDS);
            String text = status.getCode() + ": " + status.getDescription();
            switch (status.getCode()) {
                case DEADLINE_EXCEEDED -> report.problem("grpc: no answer within " + DEADLINE_SECONDS + " s", sample);
                case INTERNAL, UNKNOWN, DATA_LOSS, UNAVAILABLE -> {
                    boolean own = status.getDescription() == null
                            || status.getDescription().contains("the server's log")
                            || status.getCause() != null;
                    if (own) {
                        report.problem("grpc " + text + " " + status.getCause(), sample);
                    } else {
                        report.judged("grpc " + text, sample);
                    }
                }
                default -> {}
            }
            report.count(left ? "grpc: left" : "grpc: " + status.getCode());
        } catch (TimeoutException e) {
            report.problem("grpc: no end", sample);
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodDescriptor<byte[], byte[]> descriptor(String method) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setFullMethodName(SERVICE + method)
                .setType(method.equals("ModelStreamInfer") ? MethodType.BIDI_STREAMING : MethodType.UNARY)
                .setRequestMarshaller(new Raw())
                .setResponseMarshaller(new Raw())
                .build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** Messages as they are on the wire. */
    private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Answer extends ClientCall.Listener<byte[]> {
        private final CompletableFuture<Status> end = new CompletableFuture<>();
        private final ClientCall<byte[], byte[]> call;

        Answer(ClientCall<byte[], byte[]> call) {
            this.call = call;
        }

        @Override
        public void onMessage(byte[] message) {
            call.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end.complete(status);
        }
    }
}
