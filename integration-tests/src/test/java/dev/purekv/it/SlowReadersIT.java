package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that ask for large answers and do not read them, against a heap that could not hold them all. */
class SlowReadersIT {
    private static final int CLIENTS = 40;
    private static final int TOKENS = 200_000; // 16 MB to the server and 16 MB back; all would be more than the heap
    private static final int BYTES = 80 * TOKENS;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start(
                Path.of("model-repository"),
                Map.of("JDK_JAVA_OPTIONS", "-Xmx512m"),
                List.of("--purekv.http.stall-timeout=5s", "--purekv.grpc.stall-timeout=5s"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Asks the stage for all that it was given. */
    private static Socket ask() throws IOException {
        String json = """
                {"parameters":{"binary_data_output":true,"compression_ratio":1},"inputs":[%s,%s,%s]}""".formatted(
                        input("OBSERVED_ATTENTION", "4,1," + TOKENS, 16 * TOKENS),
                        input("KEYS", "2," + TOKENS + ",4", 32 * TOKENS),
                        input("VALUES", "2," + TOKENS + ",4", 32 * TOKENS));
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 16);
        socket.setSoTimeout(120_000);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.httpPort()));
        OutputStream out = socket.getOutputStream();
        out.write(("POST /v2/models/kv_compression/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: "
                        + json.length() + "\r\nContent-Length: " + (json.length() + BYTES) + "\r\n\r\n" + json)
                .getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[BYTES]);
        return socket;
    }

    private static String input(String name, String shape, int bytes) {
        return "{\"name\":\"" + name + "\",\"shape\":[" + shape
                + "],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + bytes + "}}";
    }

    private static String status(Socket client) throws IOException {
        return new String(client.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }

    @Test
    void httpClientsThatDoNotReadLeaveTheHeapToOthers() throws Exception {
        List<Socket> deaf = new ArrayList<>();
        try {
            int whole = 0;
            for (int i = 0; i < CLIENTS; i++) {
                Socket client = ask();
                deaf.add(client);
                String status = status(client); // and no more of it
                assertThat(status).isIn("HTTP/1.1 200", "HTTP/1.1 503");
                whole += status.endsWith("200") ? 1 : 0;
            }
            assertThat(whole).isBetween(1, CLIENTS / 2);
            othersAreAnswered();
            awaitRoom();
        } finally {
            for (Socket each : deaf) {
                each.close();
            }
        }
    }

    /** Those who take nothing are cut, and then there is room for a large answer. */
    private static void awaitRoom() throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        while (true) {
            try (Socket client = ask()) {
                if (status(client).equals("HTTP/1.1 200")) {
                    assertThat(client.getInputStream().readNBytes(BYTES)).hasSize(BYTES);
                    return;
                }
            }
            assertThat(System.nanoTime()).as("nobody was cut").isLessThan(deadline);
            Thread.sleep(500);
        }
    }

    private static void othersAreAnswered() throws Exception {
        assertThat(server.ask(
                        Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4"), "Describe the video."))
                .isEqualTo("a red 1 moves left, a blue 2 moves up, a magenta 4 moves down and a white 8 moves up");
        assertThat(server.log()).doesNotContain("OutOfMemoryError");
    }

    /** Sends a request and asks for nothing of its answer. */
    private static ClientCall<?, ?> ask(
            ManagedChannel channel, ModelInferRequest request, ConcurrentLinkedQueue<Status> ends) {
        ClientCall<ModelInferRequest, ModelInferResponse> call =
                channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ends.add(status);
                    }
                },
                new Metadata());
        call.sendMessage(request);
        call.halfClose();
        return call;
    }

    @Test
    void grpcClientsThatDoNotReadLeaveTheHeapToOthers() throws Exception {
        ModelInferRequest request = GrpcRequests.stage(TOKENS)
                .putParameters(
                        "compression_ratio",
                        InferParameter.newBuilder().setInt64Param(1).build())
                .build();
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .maxInboundMessageSize(1 << 30)
                .build();
        try {
            List<ClientCall<?, ?>> calls = new ArrayList<>();
            ConcurrentLinkedQueue<Status> ends = new ConcurrentLinkedQueue<>();
            for (int i = 0; i < CLIENTS; i++) {
                double before = inferences();
                calls.add(ask(channel, request, ends));
                while (inferences() == before) {
                    Thread.sleep(20);
                }
            }
            othersAreAnswered();
            // Those who were refused hear it at once; the others are cut.
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (ends.stream().noneMatch(end -> end.getCode() == Status.Code.RESOURCE_EXHAUSTED)) {
                assertThat(System.nanoTime()).as("ends: %s", ends).isLessThan(deadline);
                Thread.sleep(50);
            }
            awaitRoom();
            calls.forEach(call -> call.cancel("enough", null));
        } finally {
            channel.shutdownNow();
        }
    }

    private static double inferences() throws Exception {
        return server.metrics()
                .body()
                .lines()
                .filter(line -> line.startsWith("nv_inference_request_success{") && line.contains("kv_compression"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
