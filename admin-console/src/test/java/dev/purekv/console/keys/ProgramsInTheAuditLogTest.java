package dev.purekv.console.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GrpcService.LogSettingsRequest;
import inference.GrpcService.RepositoryModelLoadRequest;
import inference.GrpcService.RepositoryModelUnloadRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What programs change through the doors is in the audit log, under the name of their key. */
class ProgramsInTheAuditLogTest {
    @TempDir
    private Path folder;

    private static List<String> noted(RunningConsole console) {
        return console.bean(JdbcClient.class)
                .sql("select actor || ' ' || action || ' ' || subject || ' ' || outcome from audit where address = ''"
                        + " and action in ('load', 'unload', 'log settings', 'trace settings') order by id")
                .query(String.class)
                .list();
    }

    private static void awaitNoted(RunningConsole console, String... wanted) {
        Awaitility.await().untilAsserted(() -> assertThat(noted(console)).containsExactly(wanted));
    }

    private static int post(RunningConsole console, String path, String body, String key) {
        HttpRequest.Builder request = console.request(Door.KSERVE, path).POST(BodyPublishers.ofString(body));
        return console.send(key == null ? request : request.header("Authorization", "Bearer " + key))
                .statusCode();
    }

    private String key(String name) throws IOException {
        String key = ApiKey.random();
        new KeyFile(folder.resolve("keys.json")).change(keys -> {
            keys.add(new ApiKey(name, ApiKey.hash(key), Set.of(Scope.REPOSITORY), Instant.EPOCH, null));
            return keys;
        });
        return key;
    }

    @Test
    void whatAKeyChangesOverHttpAndWhatItIsRefused() throws IOException {
        String key = key("ci");
        try (RunningConsole console = RunningConsole.start("purekv.keys-file=" + folder.resolve("keys.json"))) {
            assertThat(post(console, "/v2/repository/models/fake/load", "{}", key))
                    .isEqualTo(200);
            awaitNoted(console, "key ci load fake done");
            assertThat(post(console, "/v2/repository/models/nobody/unload", "{}", key))
                    .isEqualTo(404);
            assertThat(post(console, "/v2/logging", "{\"log_verbose_level\": 1}", key))
                    .isEqualTo(200);
            awaitNoted(console, "key ci load fake done", "key ci unload nobody refused", "key ci log settings  done");
        }
    }

    @Test
    void whatAKeyChangesOverGrpc() throws IOException {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key("robot"));
        try (RunningConsole console = RunningConsole.start("purekv.keys-file=" + folder.resolve("keys.json"))) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", console.grpcPort())
                    .usePlaintext()
                    .build();
            GRPCInferenceServiceBlockingStub client = GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .withDeadlineAfter(60, TimeUnit.SECONDS);
            client.repositoryModelLoad(
                    RepositoryModelLoadRequest.newBuilder().setModelName("fake").build());
            RepositoryModelUnloadRequest unknown = RepositoryModelUnloadRequest.newBuilder()
                    .setModelName("nobody")
                    .build();
            assertThatThrownBy(() -> client.repositoryModelUnload(unknown)).isInstanceOf(StatusRuntimeException.class);
            client.logSettings(LogSettingsRequest.getDefaultInstance()); // which only reads
            awaitNoted(console, "key robot load fake done", "key robot unload nobody refused");
            channel.shutdownNow();
        }
    }

    @Test
    void whatStrangersAreRefusedIsNotNotedForTheyCouldFillTheStore() {
        try (RunningConsole console = RunningConsole.start()) {
            assertThat(post(console, "/v2/repository/models/nobody/load", "{}", null))
                    .isEqualTo(404);
            assertThat(post(console, "/v2/repository/models/fake/load", "{}", null))
                    .isEqualTo(200);
            awaitNoted(console, "anyone load fake done");
        }
    }
}
