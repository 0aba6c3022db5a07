package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class StopTest {
    @Test
    void cancelsWhatRunsForTooLongTellsItsClientAndClosesTheServerLast() throws Exception {
        RunningConsole console = RunningConsole.start("purekv.drain-seconds=1");
        int port = console.port(Door.KSERVE);
        CompletableFuture<HttpResponse<String>> client = CompletableFuture.supplyAsync(
                () -> console.post("/v2/models/fake/generate_stream", "{\"script\":\"forever 1 50\"}"));
        Awaitility.await().until(() -> console.server.responsesSent.get() > 0);

        Instant before = Instant.now();
        console.close();

        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
        assertThat(client.get(5, TimeUnit.SECONDS).body()).endsWith("data: {\"error\":\"cancelled\"}\n\n");
        assertThat(console.server.cancelled.get()).isEqualTo(1);
        assertThat(console.server.closed).isTrue();
        Assertions.assertThatThrownBy(() -> new Socket(InetAddress.getByName("127.0.0.1"), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void waitsForAnswersUnderWayAndRefusesWhatComesMeanwhile() throws Exception {
        RunningConsole console = RunningConsole.start(); // waits half a minute, much longer than this answer takes
        CompletableFuture<HttpResponse<String>> client = CompletableFuture.supplyAsync(
                () -> console.post("/v2/models/fake/generate", "{\"script\":\"slow 1200\"}"));
        Awaitility.await().until(() -> !console.server.requests.isEmpty());

        console.close();

        assertThat(client.get(5, TimeUnit.SECONDS).body()).contains("\"text_output\":\"slow\"");
        assertThat(console.server.draining).isTrue();
    }

    @Test
    void stopsAtOnceWhenNothingRuns() {
        RunningConsole console = RunningConsole.start();
        Instant before = Instant.now();

        console.close();

        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void answersWhatComesOnAnOpenConnectionDuringTheStop() throws Exception {
        RunningConsole console = RunningConsole.start("purekv.drain-seconds=3");
        try (Socket client = new Socket(InetAddress.getByName("127.0.0.1"), console.port(Door.KSERVE))) {
            CompletableFuture<HttpResponse<String>> other = CompletableFuture.supplyAsync(
                    () -> console.post("/v2/models/fake/generate_stream", "{\"script\":\"forever 1 50\"}"));
            Awaitility.await().until(() -> console.server.responsesSent.get() > 0);
            CompletableFuture<Void> stop = CompletableFuture.runAsync(console::close);
            Awaitility.await().until(() -> !console.bean(DoorDrain.class).isRunning());

            client.setSoTimeout(20_000);
            client.getOutputStream()
                    .write(("POST /v2/models/fake/generate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                    + "Content-Length: 2\r\n\r\n{}")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 503").contains("the server is stopping");
            stop.get(20, TimeUnit.SECONDS);
            other.get(5, TimeUnit.SECONDS);
        }
    }
}
