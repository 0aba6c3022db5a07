package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The HTTP door: what is sent there must be answered, refused by type, or hung up on, all in good time. */
final class HttpTarget {
    private static final int DEADLINE_MILLIS = 30_000;
    private static final int PATIENCE_MILLIS = 400;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3})[^\\r\\n]*\\r\\n.*", Pattern.DOTALL);
    private static final int MOST_ANSWER = 1 << 20;

    private final InetSocketAddress address;
    private final HttpSeeds seeds = HttpSeeds.of();
    private final FuzzReport report;

    HttpTarget(int port, FuzzReport report) throws IOException {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.report = report;
    }

    void send(String name, Random random) {
        byte[] request = switch (random.nextInt(25)) {
            case 0 -> Bytes.some(random, 2000);
            case 1 -> seeds.any(random).bytes();
            default -> HttpMutations.mutated(seeds.any(random), random);
        };
        boolean leaves = random.nextInt(30) == 0;
        String sample = name + ": " + new String(request, StandardCharsets.ISO_8859_1);
        try {
            judge(leaves ? leave(request, random) : exchange(request), sample, leaves);
        } catch (SocketTimeoutException e) {
            report.problem("http: no answer within " + DEADLINE_MILLIS + " ms", sample);
        } catch (IOException e) {
            report.count("http: hung up");
        }
    }

    private Socket open(byte[] request) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(address, DEADLINE_MILLIS);
            socket.setSoLinger(true, 0); // so that a hundred thousand connections leave no ports behind
            socket.getOutputStream().write(request);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private String leave(byte[] request, Random random) throws IOException {
        try (Socket socket = open(request)) {
            socket.setSoTimeout(1 + random.nextInt(60));
            socket.getInputStream().read();
        } catch (SocketTimeoutException e) {
            // It was to be left unanswered.
        }
        return "";
    }

    private String exchange(byte[] request) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = open(request)) {
            boolean said = false;
            InputStream in = socket.getInputStream();
            byte[] piece = new byte[8192];
            socket.setSoTimeout(PATIENCE_MILLIS);
            while (answer.size() < MOST_ANSWER) {
                try {
                    int count = in.read(piece);
                    if (count < 0) {
                        break;
                    }
                    answer.write(piece, 0, count);
                } catch (SocketTimeoutException e) {
                    if (said) {
                        throw e;
                    }
                    // It may wait for more of the request, or for another one: there is none.
                    said = true;
                    if (answer.size() > 0) {
                        socket.shutdownOutput();
                    }
                    socket.setSoTimeout(DEADLINE_MILLIS);
                }
            }
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private void judge(String answer, String sample, boolean left) {
        Matcher status = STATUS.matcher(answer);
        if (left) {
            report.count("http: left");
        } else if (answer.isEmpty()) {
            report.count("http: hung up");
        } else if (answer.startsWith("{")) {
            report.count(
                    "http: without a status line"); // as HTTP/0.9 is, and what is refused before its version is known
        } else if (!status.matches()) {
            report.problem("http: no HTTP answer: " + answer, sample);
        } else {
            judge(Integer.parseInt(status.group(1)), answer, sample);
        }
    }

    private void judge(int status, String answer, String sample) {
        String body = answer.substring(answer.indexOf("\r\n\r\n") < 0 ? 0 : answer.indexOf("\r\n\r\n") + 4);
        if (status == 500 || body.contains("inside the server")) {
            if (body.contains("inside the server") || body.isEmpty() || !body.contains("error")) {
                report.problem("http " + status + ": " + body, sample);
            } else {
                report.judged("http " + status + ": " + body, sample);
            }
        }
        if (body.contains("<html") || body.contains("Exception")) {
            report.problem("http " + status + ", speaks of its inside: " + body, sample);
        }
        report.count("http: " + status);
    }
}
