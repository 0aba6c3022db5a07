package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeServer;
import dev.purekv.console.RunningConsole;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelMetadataRequest;
import inference.GrpcService.ModelStreamInferResponse;
import inference.GrpcService.RepositoryIndexRequest;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys at the gRPC door: what a call may do, and each request of a stream. */
class GrpcAccessTest {
    @TempDir
    private static Path folder;

    private static Path file;
    private static RunningConsole console;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws IOException {
        file = folder.resolve("keys.json");
        make("first", Scope.INFERENCE, null);
        console = RunningConsole.start("purekv.keys-file=" + file);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", console.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        console.close();
    }

    private static String make(String name, Scope scope, Integer requestsPerMinute) throws IOException {
        String key = ApiKey.random();
        new KeyFile(file).change(keys -> {
            keys.add(new ApiKey(name, ApiKey.hash(key), Set.of(scope), Instant.EPOCH, requestsPerMinute));
            return keys;
        });
        return key;
    }

    private static void revoke(String name) {
        KeyCommand.run("revoke", name, "--file", file.toString());
    }

    private static ClientInterceptor with(String key, String... more) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
        for (String each : more) {
            headers.put(Metadata.Key.of(each, Metadata.ASCII_STRING_MARSHALLER), "true");
        }
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    private static GRPCInferenceServiceBlockingStub client(String key) {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel)
                .withInterceptors(with(key))
                .withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private static ModelInferRequest request(String script) {
        return ModelInferRequest.newBuilder()
                .setModelName(FakeServer.MODEL)
                .setModelVersion(script.startsWith("forever") ? "2" : "1")
                .putParameters(
                        "script",
                        InferParameter.newBuilder().setStringParam(script).build())
                .build();
    }

    private static Code code(Runnable call) {
        try {
            call.run();
            return Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    /** What comes of a stream. */
    private static final class Heard<T> implements StreamObserver<T> {
        private final List<T> messages = new CopyOnWriteArrayList<>();
        private final CompletableFuture<Status> end = new CompletableFuture<>();

        @Override
        public void onNext(T message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            end.complete(Status.fromThrowable(failure));
        }

        @Override
        public void onCompleted() {
            end.complete(Status.OK);
        }

        void await(int count) {
            Awaitility.await().until(() -> messages.size() == count);
        }

        Status end() throws Exception {
            return end.get(60, TimeUnit.SECONDS);
        }
    }

    private static StreamObserver<ModelInferRequest> open(
            String key, Heard<ModelStreamInferResponse> heard, String... headers) {
        return GRPCInferenceServiceGrpc.newStub(channel)
                .withInterceptors(with(key, headers))
                .modelStreamInfer(heard);
    }

    @Test
    void letsInAKeyOfTheRightScopeAndNoOther() throws IOException {
        for (Scope scope : List.of(Scope.INFERENCE, Scope.METADATA, Scope.REPOSITORY)) {
            String key = make("for-" + scope.word(), scope, null);
            List<Code> codes = List.of(
                    code(() -> client(key).modelInfer(request("echo"))),
                    code(() -> client(key)
                            .modelMetadata(ModelMetadataRequest.newBuilder()
                                    .setName(FakeServer.MODEL)
                                    .build())),
                    code(() -> client(key).repositoryIndex(RepositoryIndexRequest.getDefaultInstance())));
            List<Scope> wanted = List.of(Scope.INFERENCE, Scope.METADATA, Scope.REPOSITORY);
            for (int i = 0; i < wanted.size(); i++) {
                assertThat(codes.get(i)).isEqualTo(wanted.get(i) == scope ? Code.OK : Code.PERMISSION_DENIED);
            }
        }
    }

    @Test
    void countsCallsAndRefusesAKeyAsSoonAsItIsRevoked() throws IOException {
        String key = make("calls", Scope.INFERENCE, 2);
        assertThat(code(() -> client(key).modelInfer(request("echo")))).isEqualTo(Code.OK);
        assertThat(code(() -> client(key).modelInfer(request("echo")))).isEqualTo(Code.OK);
        assertThat(code(() -> client(key).modelInfer(request("echo")))).isEqualTo(Code.RESOURCE_EXHAUSTED);
        revoke("calls");
        assertThat(code(() -> client(key).modelInfer(request("echo")))).isEqualTo(Code.UNAUTHENTICATED);
    }

    @Test
    void aStreamNeedsTheScopeToo() throws Exception {
        Heard<ModelStreamInferResponse> heard = new Heard<>();
        open(make("reader", Scope.METADATA, null), heard);
        assertThat(heard.end().getCode()).isEqualTo(Code.PERMISSION_DENIED);
    }

    @Test
    void eachRequestOfAStreamCounts() throws Exception {
        Heard<ModelStreamInferResponse> heard = new Heard<>();
        int before = console.server.requests.size();
        StreamObserver<ModelInferRequest> stream = open(make("twice", Scope.INFERENCE, 2), heard);
        for (int i = 1; i <= 3; i++) {
            stream.onNext(request("echo"));
            heard.await(i);
        }
        assertThat(heard.messages.get(1).getErrorMessage()).isEmpty();
        assertThat(heard.messages.get(2).getErrorMessage()).contains("'twice' may come 2 times a minute");
        assertThat(console.server.requests).hasSize(before + 2);
        stream.onCompleted();
        assertThat(heard.end()).isEqualTo(Status.OK);
    }

    @Test
    void aStreamThatWantsStatusesEndsAtTheLimit() throws Exception {
        Heard<ModelStreamInferResponse> heard = new Heard<>();
        StreamObserver<ModelInferRequest> stream = open(make("once", Scope.INFERENCE, 1), heard, "triton_grpc_error");
        stream.onNext(request("echo"));
        heard.await(1);
        stream.onNext(request("echo"));
        assertThat(heard.end().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(heard.messages).hasSize(1);
    }

    @Test
    void aStreamWhoseKeyWasRevokedBeginsNothing() throws Exception {
        Heard<ModelStreamInferResponse> heard = new Heard<>();
        StreamObserver<ModelInferRequest> stream = open(make("going", Scope.INFERENCE, null), heard);
        stream.onNext(request("echo"));
        heard.await(1);
        int before = console.server.requests.size();
        revoke("going");
        stream.onNext(request("echo"));
        assertThat(heard.end().getCode()).isEqualTo(Code.UNAUTHENTICATED);
        assertThat(console.server.requests).hasSize(before);
    }

    @Test
    void aStreamThatRunsEndsWithItsKey() throws Exception {
        Heard<ModelStreamInferResponse> heard = new Heard<>();
        StreamObserver<ModelInferRequest> stream = open(make("running", Scope.INFERENCE, null), heard);
        int before = console.server.cancelled.get();
        stream.onNext(request("forever 1 20"));
        Awaitility.await().until(() -> !heard.messages.isEmpty());
        revoke("running");
        assertThat(heard.end().getCode()).isEqualTo(Code.UNAUTHENTICATED);
        Awaitility.await().until(() -> console.server.cancelled.get() > before);
    }

    @Test
    void otherStreamsEndAtTheFirstMessageThatIsNotLetIn() throws Exception {
        Heard<ServerReflectionResponse> heard = new Heard<>();
        StreamObserver<ServerReflectionRequest> stream = ServerReflectionGrpc.newStub(channel)
                .withInterceptors(with(make("curious", Scope.METADATA, 2)))
                .serverReflectionInfo(heard);
        ServerReflectionRequest list =
                ServerReflectionRequest.newBuilder().setListServices("").build();
        for (int i = 1; i <= 2; i++) {
            stream.onNext(list);
            heard.await(i);
        }
        stream.onNext(list);
        assertThat(heard.end().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    }
}
