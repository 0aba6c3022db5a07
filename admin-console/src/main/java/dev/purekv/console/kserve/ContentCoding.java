package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestLimits;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** HTTP's content codings, as Triton takes and gives them. {@code deflate} is the zlib format, as RFC 9110 has it. */
enum ContentCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    private static final int CHUNK_BYTES = 64 * 1024;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @param header Content-Encoding of a request, or null
     * @throws Refusal 400 for a coding that is not known, or several
     */
    static ContentCoding ofRequest(String header) {
        for (ContentCoding each : values()) {
            if (header == null || header.strip().equalsIgnoreCase(each.word())) {
                return each;
            }
        }
        throw Refusal.invalid("Unsupported content-encoding '" + header + "': expected gzip, deflate or identity");
    }

    /**
     * The coding that a client likes best; gzip before deflate, and no coding where it does not ask for one.
     *
     * @param header Accept-Encoding, or null
     */
    static ContentCoding accepted(String header) {
        ContentCoding best = IDENTITY;
        double bestWeight = 0;
        for (String part : header == null ? new String[0] : header.split(",")) {
            String[] words = part.split(";", 2);
            double weight = words.length == 1 ? 1 : weight(words[1]);
            for (ContentCoding each : values()) {
                boolean better = weight > bestWeight || weight == bestWeight && weight > 0 && each == GZIP;
                if (words[0].strip().equalsIgnoreCase(each.word()) && better) {
                    best = each;
                    bestWeight = weight;
                }
            }
        }
        return best;
    }

    private static double weight(String parameter) {
        String text = parameter.strip();
        try {
            return text.startsWith("q=") ? Double.parseDouble(text.substring(2)) : 1;
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /**
     * Decodes a body; what it grows to counts like a body that came as it is.
     *
     * @throws Refusal 413 past the limit of a body, 503 when the budget has no room, 400 for bytes of another format
     */
    ChunkStream decode(ChunkStream body, RequestLimits limits) throws IOException {
        if (this == IDENTITY) {
            return body;
        }
        ChunkStream decoded = new ChunkStream(body.held());
        try (InputStream in = this == GZIP ? new GZIPInputStream(body) : new InflaterInputStream(body)) {
            byte[] chunk = in.readNBytes(CHUNK_BYTES);
            while (chunk.length > 0) {
                if (decoded.bytes() + chunk.length > limits.maxRequestBytes()) {
                    throw limits.tooLarge();
                }
                body.held().add(chunk.length);
                decoded.add(chunk);
                chunk = in.readNBytes(CHUNK_BYTES);
            }
            return decoded;
        } catch (ZipException | EOFException e) {
            throw Refusal.invalid("failed to decompress the request body: expected " + word() + ", got "
                    + (e instanceof EOFException ? "data that end too early" : "other bytes"));
        }
    }

    byte[] encode(byte[] body) {
        if (this == IDENTITY) {
            return body;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length / 2 + 64);
        try (OutputStream out = this == GZIP ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory has none
        }
        return bytes.toByteArray();
    }
}
