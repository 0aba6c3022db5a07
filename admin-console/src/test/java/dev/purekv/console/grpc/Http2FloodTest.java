package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.Frames.HEADERS;
import static dev.purekv.console.grpc.Frames.PING;
import static dev.purekv.console.grpc.Frames.RESET;
import static dev.purekv.console.grpc.Frames.callHeaders;
import static dev.purekv.console.grpc.Frames.frame;
import static dev.purekv.console.grpc.Frames.preface;
import static dev.purekv.console.grpc.GrpcClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Frames that cost a client nothing and a server something: the connection that floods is closed, the others live on. */
@ExtendWith(OutputCaptureExtension.class)
class Http2FloodTest {
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    /** @return what the server says until it closes the connection */
    private static String answerTo(byte[] flood) throws IOException {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        try (Socket socket = new Socket("127.0.0.1", console.grpcPort())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(flood);
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[4096];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                heard.write(piece, 0, read);
            }
        } catch (SocketException closed) {
            // Closed while bytes were under way.
        }
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    private static void othersAreServed() {
        try (GrpcClient client = new GrpcClient(console)) {
            client.blocking().modelInfer(request("echo").build());
        }
        // A call is over for its client a moment before it is for the server.
        Awaitility.await().until(() -> console.bean(RunningCalls.class).count() == 0);
    }

    @Test
    void aFloodOfPingsEndsTheConnection() throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        flood.writeBytes(preface());
        for (int i = 0; i < 100; i++) {
            flood.writeBytes(frame(PING, 0, 0, new byte[8]));
        }
        assertThat(answerTo(flood.toByteArray())).contains("too_many_pings");
        othersAreServed();
    }

    @Test
    void aFloodOfResetsEndsTheConnection() throws IOException {
        ByteArrayOutputStream flood = new ByteArrayOutputStream();
        flood.writeBytes(preface());
        for (int i = 0; i < 1000; i++) {
            flood.writeBytes(frame(HEADERS, 0x4, 2 * i + 1, callHeaders(Frames.STREAM)));
            flood.writeBytes(frame(RESET, 0, 2 * i + 1, new byte[] {0, 0, 0, 8}));
        }
        answerTo(flood.toByteArray()); // returns: the server closes
        org.awaitility.Awaitility.await().untilAsserted(Http2FloodTest::othersAreServed);
    }

    @Test
    void framesThatAreNotAllowedFillNoLog(CapturedOutput output) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        frames.writeBytes(preface());
        for (int i = 0; i < 3; i++) { // a call has its headers once
            frames.writeBytes(frame(HEADERS, 0x4, 1, callHeaders(Frames.STREAM)));
        }
        frames.writeBytes(frame(PING, 0, 1, new byte[8])); // and this ends the connection
        answerTo(frames.toByteArray()); // returns: the server closes
        othersAreServed();
        assertThat(output.getAll()).doesNotContain("\tat ").doesNotContain("Exception");
    }
}
