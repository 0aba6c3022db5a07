package dev.purekv.it;

import static dev.purekv.it.RunningServer.JSON;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;

/** Somebody who asks one question after another and is now patient, now slow, now gone. */
final class SoakClient implements AutoCloseable {
    static {
        // Java's client asks again, in silence, when a connection ends without an answer. That is what must be found
        // here.
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final RunningServer server;
    private final SoakQuestions questions;
    private final SoakCounts counts;
    private final Random random;
    private final SoakGrpc grpc;

    SoakClient(RunningServer server, SoakQuestions questions, SoakCounts counts, long seed) {
        this.server = server;
        this.questions = questions;
        this.counts = counts;
        this.random = new Random(seed);
        this.grpc = new SoakGrpc(server.grpcPort());
    }

    void askOnce() {
        SoakQuestions.Asked question = questions.any(random);
        try {
            switch (random.nextInt(20)) {
                case 0, 1 -> leave(question);
                case 2 -> readSlowly(question);
                case 3 -> hurry(question, Map.of("timeout", 1000 + random.nextInt(200_000)));
                case 4 -> hurry(question, Map.of("max_seconds", 0.001 + random.nextDouble() * 0.2));
                case 5 -> misspell(question);
                case 6, 7, 8 -> streamOverGrpc(question);
                case 9 -> leaveOverGrpc(question);
                default -> waitPatiently(question);
            }
        } catch (Exception | AssertionError e) {
            counts.wrong("asking failed: " + e);
        }
    }

    /** What came back on a connection of its own. */
    private record Reply(int status, String retryAfter, String body) {}

    /** Without reuse of connections: a server may close an idle one in the moment in which a client takes it up again. */
    private Reply post(String path, Object body) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) URI.create("http://127.0.0.1:" + server.httpPort() + path)
                .toURL()
                .openConnection();
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Connection", "close");
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setReadTimeout(120_000);
        connection.setDoOutput(true);
        connection.getOutputStream().write(JSON.writeValueAsBytes(body));
        int status = connection.getResponseCode();
        try (InputStream in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new Reply(status, connection.getHeaderField("Retry-After"), text);
        }
    }

    private void waitPatiently(SoakQuestions.Asked question) throws IOException, InterruptedException {
        boolean stream = random.nextBoolean();
        Map<String, Object> body = question.request(stream, Map.of("priority", random.nextInt(4)));
        Reply response = post(stream ? Soak.GENERATE + "_stream" : Soak.GENERATE, body);
        if (response.status() != 200) {
            counts.wrong(response.status() + " " + response.body());
            return;
        }
        expect(question, text(response.body(), stream), stream ? "streamed" : "whole");
    }

    private void streamOverGrpc(SoakQuestions.Asked question) throws Exception {
        expect(question, grpc.answer(question, Map.of("priority", random.nextInt(4))), "over gRPC");
    }

    private void leaveOverGrpc(SoakQuestions.Asked question) throws InterruptedException {
        grpc.leave(question, random.nextBoolean(), random.nextInt(300));
        counts.left.incrementAndGet();
    }

    private static String text(String body, boolean stream) {
        if (!stream) {
            return JSON.readTree(body).path("text_output").asString();
        }
        StringBuilder text = new StringBuilder();
        for (String event : body.split("\n\n")) {
            text.append(JSON.readTree(event.substring("data: ".length()))
                    .path("text_output")
                    .asString("(an error) " + event));
        }
        return text.toString();
    }

    private void expect(SoakQuestions.Asked question, String got, String how) {
        if (got.equals(question.answer())) {
            counts.answered.incrementAndGet();
        } else {
            counts.wrong(how + ", " + question.fields().get("text_input") + " " + question.parameters() + ": expected '"
                    + question.answer() + "', got '" + got + "'");
        }
    }

    /** The whole answer, part of it, or a refusal that says when to come again. */
    private void hurry(SoakQuestions.Asked question, Map<String, Object> limit)
            throws IOException, InterruptedException {
        Reply response = post(Soak.GENERATE, question.request(false, limit));
        if (response.status() == 503 && response.retryAfter() != null) {
            counts.refused.incrementAndGet();
        } else if (response.status() == 200 && question.answer().startsWith(text(response.body(), false))) {
            counts.answered.incrementAndGet();
        } else {
            counts.wrong(limit + ": " + response.status() + " " + response.body());
        }
    }

    private void misspell(SoakQuestions.Asked question) throws IOException, InterruptedException {
        Reply response = post(Soak.GENERATE, question.request(false, Map.of("max_tokenz", 3)));
        if (response.status() == 400 && response.body().contains("max_tokenz")) {
            counts.refused.incrementAndGet();
        } else {
            counts.wrong("max_tokenz: " + response.status() + " " + response.body());
        }
    }

    private Socket open(SoakQuestions.Asked question) throws IOException {
        byte[] body = JSON.writeValueAsBytes(question.request(true, Map.of()));
        Socket socket = new Socket("127.0.0.1", server.httpPort());
        socket.setReceiveBufferSize(2048);
        socket.setSoTimeout(60_000);
        String head = "POST " + Soak.GENERATE + "_stream HTTP/1.1\r\nHost: soak\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(body);
        return socket;
    }

    /** At any moment: while it waits, while its clip is decoded, in the middle of its answer. */
    private void leave(SoakQuestions.Asked question) throws IOException, InterruptedException {
        try (Socket socket = open(question)) {
            if (random.nextBoolean()) {
                socket.getInputStream().read();
            }
            Thread.sleep(random.nextInt(300));
        }
        counts.left.incrementAndGet();
    }

    private void readSlowly(SoakQuestions.Asked question) throws IOException, InterruptedException {
        try (Socket socket = open(question);
                InputStream in = socket.getInputStream();
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 256)) {
            StringBuilder text = new StringBuilder();
            StringBuilder other = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("data: ")) {
                    text.append(
                            JSON.readTree(line.substring(6)).path("text_output").asString("(an error) " + line));
                    Thread.sleep(20);
                } else {
                    other.append(line).append('|');
                }
            }
            // Without a piece of text, what else came says why.
            expect(question, text.isEmpty() ? "(no text) " + other : text.toString(), "read slowly");
        }
    }

    @Override
    public void close() {
        grpc.close();
    }
}
