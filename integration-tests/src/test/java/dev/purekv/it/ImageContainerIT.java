package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.Container.ExecResult;

/** The image with the models that are in it. */
@ExtendWith(NeedsDocker.class)
class ImageContainerIT {
    private static ServerContainer server;

    @BeforeAll
    static void start() {
        server = new ServerContainer();
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void answersOverHttp() throws Exception {
        assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
    }

    @Test
    void answersOverOpenAisApi() throws Exception {
        HttpResponse<String> response = server.post(
                "/v1/chat/completions",
                Map.of(
                        "model",
                        "moving-digits",
                        "messages",
                        List.of(Map.of(
                                "role",
                                "user",
                                "content",
                                List.of(
                                        Map.of(
                                                "type",
                                                "video_url",
                                                "video_url",
                                                Map.of(
                                                        "url",
                                                        "data:video/mp4;base64,"
                                                                + RunningServer.base64(ServerContainer.CLIP))),
                                        Map.of("type", "text", "text", ServerContainer.QUESTION))))));
        assertThat(RunningServer.json(response).at("/choices/0/message/content").asString())
                .as(response.body())
                .isEqualTo(ServerContainer.ANSWER);
    }

    @Test
    void answersOverGrpc() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .build();
        try {
            GrpcStream stream = new GrpcStream(true);
            GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream);
            stream.call.onNext(GrpcRequests.longQuestion("q", 20).build());
            stream.call.onCompleted();
            int pieces = 0;
            ModelStreamInferResponse last;
            do {
                last = stream.next();
                assertThat(last.getErrorMessage()).isEmpty();
                pieces++;
            } while (!GrpcRequests.isFinal(last));
            assertThat(pieces).isGreaterThan(5);
            assertThat(stream.end()).isEqualTo(Status.OK);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void runsWithoutRightsAndWritesToItsVolumesAlone() throws Exception {
        ExecResult who = server.execInContainer("id", "-u");
        assertThat(who.getStdout()).isEqualTo("1001\n");
        for (String folder : List.of("/opt/purekv", "/models", "/etc")) {
            assertThat(server.execInContainer("touch", folder + "/file").getStderr())
                    .as(folder)
                    .contains("Read-only file system");
        }
        assertThat(server.execInContainer("grep", "CapEff", "/proc/1/status").getStdout())
                .isEqualTo("CapEff:\t0000000000000000\n");
    }

    @Test
    void saysThatItIsHealthy() throws Exception {
        for (int i = 0; i < 300 && !"healthy".equals(health()); i++) {
            Thread.sleep(100);
        }
        assertThat(health()).isEqualTo("healthy");
    }

    private static String health() {
        return server.state().getHealth().getStatus();
    }

    @Test
    void isSmallerThan900MB() {
        long bytes =
                server.getDockerClient().inspectImageCmd(TestImage.NAME).exec().getSize();
        assertThat(bytes).isBetween(100_000_000L, 900_000_000L);
    }
}
