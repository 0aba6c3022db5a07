package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import inference.GRPCInferenceServiceGrpc;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The clock is set while requests are under way: forwards by an hour, and back by a day. */
@ExtendWith(NeedsDocker.class)
class ClockContainerIT {
    private static final List<Duration> JUMPS = List.of(Duration.ofHours(1), Duration.ofDays(-1));
    /** Answers of so many tokens are under way for longer than the server's timers take to look at the clock. */
    private static final int TOKENS = 4000;

    @TempDir
    private static Path folder;

    private static JumpingClock clock;
    private static ServerContainer server;
    private static String key;
    private static String hastyKey;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        clock = JumpingClock.in(Files.createDirectory(folder.resolve("clock")));
        Path keys = folder.resolve("keys.json");
        key = ApiKeys.create(keys, "steady", 0);
        hastyKey = ApiKeys.create(keys, "hasty", 60);
        server = clock.of(new ServerContainer()).withKeys(keys, key);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void jump(Duration by) throws IOException, InterruptedException {
        clock.jump(by);
        String date = server.get("/v2/health/live").headers().firstValue("Date").orElseThrow();
        Instant told =
                ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
        assertThat(told).as("the server sees the jump").isCloseTo(clock.now(), within(1, ChronoUnit.MINUTES));
    }

    @Test
    void answersUnderWayEndAsTheyWouldHaveAndNewOnesCome() throws Exception {
        for (Duration by : JUMPS) {
            OpenAnswer generated = OpenAnswer.generate(server, Map.of("max_tokens", TOKENS));
            OpenAnswer chat = OpenAnswer.chat(server, TOKENS);
            CompletableFuture<HttpResponse<String>> whole = CompletableFuture.supplyAsync(() -> whole(TOKENS));
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                    .usePlaintext()
                    .build();
            GrpcStream stream = streamOver(channel);
            try {
                assertThat(stream.next().getErrorMessage()).isEmpty();
                jump(by);
                assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);

                assertThat(generated.end().last()).contains("\"finish_reason\":\"length\"");
                assertThat(chat.end().last()).isEqualTo("data: [DONE]");
                assertThat(whole.join().body()).contains("\"num_output_tokens\":" + TOKENS);
                ModelStreamInferResponse last = stream.next();
                while (!GrpcRequests.isFinal(last)) {
                    last = stream.next();
                }
                assertThat(last.getErrorMessage()).isEmpty();
                assertThat(stream.end()).isEqualTo(Status.OK);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    private static HttpResponse<String> whole(int tokens) {
        try {
            return server.post(
                    ServerContainer.GENERATE,
                    Map.of(
                            "text_input",
                            "hi",
                            "return_finish_reason",
                            true,
                            "return_num_output_tokens",
                            true,
                            "parameters",
                            Map.of("max_tokens", tokens, "ignore_eos", true)));
        } catch (IOException | InterruptedException e) {
            throw new AssertionError("no answer", e);
        }
    }

    private static GrpcStream streamOver(ManagedChannel channel) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + key);
        GrpcStream stream = new GrpcStream(true);
        GRPCInferenceServiceGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .modelStreamInfer(stream);
        stream.call.onNext(GrpcRequests.longQuestion("q", TOKENS).build());
        stream.call.onCompleted();
        return stream;
    }

    @Test
    void deadlinesCountTheTimeThatPassed() throws Exception {
        int seconds = 4;
        List<Map<String, Object>> limits =
                List.of(Map.of("max_seconds", seconds), Map.of("timeout", seconds * 1_000_000));
        for (Duration by : JUMPS) {
            for (Map<String, Object> limit : limits) {
                long start = System.nanoTime();
                Map<String, Object> parameters = new HashMap<>(limit);
                parameters.put("max_tokens", 30_000); // which take longer
                OpenAnswer answer = OpenAnswer.generate(server, parameters);
                jump(by);
                String last = answer.end().last();
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("not early")
                        .isGreaterThanOrEqualTo(Duration.ofSeconds(seconds));
                assertThat(last).contains("\"finish_reason\":\"length\"");
            }
        }
    }

    /** Tomcat's limit on silence goes by the wall clock: where that is set ahead, it takes a sender for silent and hangs up. */
    @Test
    void aRequestThatIsBeingSentIsAnsweredOrCutOffAndNothingElseIsLost() throws Exception {
        for (Duration by : JUMPS) {
            String answer = sendAcross(by);
            if (by.isNegative() || !answer.isEmpty()) {
                assertThat(answer).startsWith("HTTP/1.1 200").contains(ServerContainer.ANSWER);
            }
            assertThat(sendAcross(Duration.ZERO)).startsWith("HTTP/1.1 200").contains(ServerContainer.ANSWER);
        }
    }

    /**
     * Half of a body is there when the clock jumps; the rest comes after the server's timers looked at it.
     *
     * @return what came; empty where the server hung up
     */
    private static String sendAcross(Duration jump) throws IOException, InterruptedException {
        String body = RunningServer.JSON.writeValueAsString(Map.of(
                "text_input",
                ServerContainer.QUESTION,
                "video",
                RunningServer.base64(ServerContainer.CLIP),
                "exclude_input_in_output",
                true));
        int half = body.length() / 2;
        try (Socket socket = new Socket("127.0.0.1", server.httpPort())) {
            String head = "POST " + ServerContainer.GENERATE + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Authorization: Bearer " + key + "\r\nContent-Length: " + body.length() + "\r\n\r\n";
            send(socket, head + body.substring(0, half));
            Thread.sleep(1000);
            jump(jump);
            Thread.sleep(3000);
            send(socket, body.substring(half));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (SocketException hungUp) {
            return "";
        }
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    @Test
    void aKeyThatCameTooOftenIsLetInAgainSoon() throws Exception {
        for (Duration by : JUMPS) {
            int status = 200;
            for (int i = 0; i < 1000 && status == 200; i++) {
                status = hastyStatus();
            }
            assertThat(status).isEqualTo(429);
            jump(by);
            long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
            while (hastyStatus() == 429) {
                assertThat(System.nanoTime()).as("let in again").isLessThan(deadline);
                Thread.sleep(100);
            }
        }
    }

    private static int hastyStatus() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + "/v2"))
                .header("Authorization", "Bearer " + hastyKey)
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /** All that was measured together took less than an hour: a jump in it would show. */
    @AfterEach
    void metricsTellTheTimeThatPassed() throws Exception {
        String text = server.execInContainer(
                        "curl", "-s", "-H", "Authorization: Bearer " + key, "http://127.0.0.1:8002/metrics")
                .getStdout();
        int times = 0;
        for (String line : text.lines()
                .filter(each -> !each.startsWith("#") && !each.contains("_max_bytes"))
                .toList()) {
            double value = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            assertThat(value).as(line).isBetween(0.0, Double.MAX_VALUE);
            if (line.matches("[^{ ]*(_seconds_sum|_duration_us|_seconds_total)[{ ].*")) {
                double seconds = line.contains("_us") ? value / 1e6 : value;
                assertThat(seconds).as(line).isLessThan(3600);
                times++;
            }
        }
        assertThat(times).as(text).isGreaterThan(5);
    }
}
