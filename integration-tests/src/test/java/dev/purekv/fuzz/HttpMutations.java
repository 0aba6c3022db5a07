package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What becomes of a request on its way to the server. */
final class HttpMutations {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> METHODS = List.of(
            "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "CONNECT", "get", "", "PRI", "A B");
    private static final List<String> SEGMENTS = List.of(
            "..",
            ".",
            "%2e%2e",
            "%2f",
            "%00",
            "%",
            "%zz",
            "%c0%af",
            "%F0%9F",
            ";x=y",
            "\\",
            "?a=b",
            "#x",
            "//",
            "models",
            "infer",
            "versions/99999999999999999999",
            "versions/0",
            "a".repeat(3000),
            "\u00e9");
    private static final List<String> HEADERS = List.of(
            "Content-Length: 5",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Content-Length: 300000000",
            "Content-Length: x",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: x",
            "Content-Encoding: gzip",
            "Content-Encoding: deflate",
            "Content-Encoding: br",
            "Accept-Encoding: gzip",
            "Accept-Encoding: ;q=x,*;q=0,gzip;q=2",
            "Inference-Header-Content-Length: 10",
            "Inference-Header-Content-Length: 99999999999",
            "Inference-Header-Content-Length: -3",
            "Inference-Header-Content-Length: ",
            "Expect: 100-continue",
            "Expect: nothing",
            "Host: y",
            "Connection: keep-alive",
            "Upgrade: h2c",
            "Authorization: Bearer x",
            "Content-Type: text/plain; charset=utf-99",
            "X: " + "y".repeat(20_000),
            "NoColon",
            ": empty",
            "\u0000: x",
            "a: b\r\n c: folded");

    private HttpMutations() {}

    /** @return what to write to a socket */
    static byte[] mutated(HttpMessage message, Random random) {
        HttpMessage changed = message;
        for (int i = random.nextInt(3); i >= 0; i--) {
            changed = once(changed, random);
        }
        byte[] bytes = changed.bytes();
        return random.nextInt(8) == 0 ? Bytes.damaged(bytes, random) : bytes;
    }

    private static HttpMessage once(HttpMessage message, Random random) {
        return switch (random.nextInt(12)) {
            case 0 -> message.withMethod(METHODS.get(random.nextInt(METHODS.size())));
            case 1, 2 -> message.withPath(path(message.path(), random));
            case 3, 4 -> message.with(HEADERS.get(random.nextInt(HEADERS.size())));
            case 5 -> message.withBody(Bytes.damaged(message.body(), random));
            case 6 -> compressed(message, random);
            case 7 -> chunked(message, random);
            default -> json(message, random);
        };
    }

    private static String path(String path, Random random) {
        String segment = SEGMENTS.get(random.nextInt(SEGMENTS.size()));
        int at = path.indexOf('/', random.nextInt(path.length() + 1));
        return switch (random.nextInt(4)) {
            case 0 -> path + "/" + segment;
            case 1 -> path + segment;
            case 2 -> at < 0 ? segment : path.substring(0, at + 1) + segment + path.substring(at);
            default -> at < 0 ? "" : path.substring(0, at + 1) + segment;
        };
    }

    private static HttpMessage json(HttpMessage message, Random random) {
        try {
            JsonNode tree = JSON.readTree(message.body());
            if (tree != null && tree.isObject()) {
                OddJson.change(tree, random);
                return message.withBody(JSON.writeValueAsBytes(tree));
            }
        } catch (JacksonException binary) {
            // Then bytes are all there is to change.
        }
        return message.withBody(Bytes.damaged(message.body(), random));
    }

    private static HttpMessage compressed(HttpMessage message, Random random) {
        boolean gzip = random.nextBoolean();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = gzip ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(message.body());
            if (random.nextInt(20) == 0) {
                out.write(new byte[8 << 20]); // a bomb, a small one
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] body = bytes.toByteArray();
        return message.with("Content-Encoding: " + (gzip ? "gzip" : "deflate"))
                .withBody(random.nextBoolean() ? Bytes.damaged(body, random) : body);
    }

    private static HttpMessage chunked(HttpMessage message, Random random) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] whole = message.body();
        for (int at = 0; at < whole.length; ) {
            int length = Math.min(whole.length - at, 1 + random.nextInt(400));
            String size = Integer.toHexString(random.nextInt(20) == 0 ? length + 3 : length);
            body.writeBytes(
                    (size + (random.nextInt(10) == 0 ? ";x=\"y" : "") + "\r\n").getBytes(StandardCharsets.US_ASCII));
            body.write(whole, at, length);
            body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            at += length;
        }
        body.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return message.with("Transfer-Encoding: chunked").withBody(body.toByteArray());
    }
}
