package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import inference.GRPCInferenceServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that goes away while the engine computes for it ends its request, at every door; the answer would take a minute and more. */
class DisconnectIT {
    private static final String PARAMETERS = "\"max_tokens\":30000,\"ignore_eos\":true";
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(Path.of("model-repository"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/models/moving-digits/generate, false",
        "/v2/models/moving-digits/generate_stream, false",
        "/v2/models/moving-digits/generate_stream, true",
        "/v1/completions, false",
        "/v1/completions, true"
    })
    void aClosedHttpConnectionEndsItsRequest(String path, boolean stream) throws Exception {
        String question = path.startsWith("/v1")
                ? "{\"model\":\"moving-digits\",\"prompt\":\"a red 1\",\"stream\":" + stream + "," + PARAMETERS + "}"
                : "{\"text_input\":\"hi\",\"stream\":" + stream + ",\"parameters\":{" + PARAMETERS + "}}";
        double before = metric("purekv:requests_cancelled_total");
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.httpPort())) {
            client.getOutputStream()
                    .write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + question.length() + "\r\n\r\n"
                                    + question)
                            .getBytes(StandardCharsets.US_ASCII));
            awaitMetric("purekv:num_requests_running", 1);
        }
        ends(before, System.nanoTime());
    }

    /** Begins an answer, of which something has come. */
    private static GrpcStream ask(ManagedChannel channel) throws InterruptedException {
        GrpcStream stream = new GrpcStream(true);
        GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(stream);
        stream.call.onNext(GrpcRequests.longQuestion("1", 30_000).build());
        stream.next();
        return stream;
    }

    private static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    @Test
    void aClosedGrpcConnectionEndsItsRequest() throws Exception {
        double before = metric("purekv:requests_cancelled_total");
        ManagedChannel channel = channel(server.grpcPort());
        ask(channel);
        long left = System.nanoTime();
        channel.shutdownNow();
        ends(before, left);
    }

    @Test
    void aCancelledGrpcCallEndsItsRequestAndTheConnectionServesOn() throws Exception {
        double before = metric("purekv:requests_cancelled_total");
        ManagedChannel channel = channel(server.grpcPort());
        try {
            GrpcStream stream = ask(channel);
            long left = System.nanoTime();
            stream.call.cancel("enough", null);
            ends(before, left);
            GrpcStream next = new GrpcStream(true);
            GRPCInferenceServiceGrpc.newStub(channel).modelStreamInfer(next);
            next.call.onNext(
                    GrpcRequests.question("2", "How many digits are there?").build());
            next.call.onCompleted();
            assertThat(next.end().isOk()).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aResetGrpcConnectionEndsItsRequest() throws Exception {
        double before = metric("purekv:requests_cancelled_total");
        try (Wire wire = new Wire(server.grpcPort())) {
            ManagedChannel channel = channel(wire.port());
            ask(channel);
            long left = System.nanoTime();
            wire.reset();
            ends(before, left);
            channel.shutdownNow();
        }
    }

    @Test
    void aKilledGrpcClientEndsItsRequest() throws Exception {
        double before = metric("purekv:requests_cancelled_total");
        Process client = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LeavingClient.class.getName(),
                        Integer.toString(server.grpcPort()))
                .inheritIO()
                .start();
        try {
            awaitMetric("purekv:num_requests_running", 1);
        } finally {
            client.destroyForcibly();
        }
        ends(before, System.nanoTime());
    }

    private static void ends(double before, long left) throws Exception {
        awaitMetric("purekv:num_requests_running", 0);
        System.out.printf("ended %d ms after its client had left%n", (System.nanoTime() - left) / 1_000_000);
        awaitMetric("purekv:kv_cache_bytes", 0);
        assertThat(metric("purekv:requests_cancelled_total")).isEqualTo(before + 1);
    }

    private static void awaitMetric(String name, double value) throws Exception {
        for (int i = 0; i < 2000 && metric(name) != value; i++) {
            Thread.sleep(10);
        }
        assertThat(metric(name)).as(name).isEqualTo(value);
    }

    /** Summed over its labels. */
    private static double metric(String name) throws IOException, InterruptedException {
        return server.metrics()
                .body()
                .lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
