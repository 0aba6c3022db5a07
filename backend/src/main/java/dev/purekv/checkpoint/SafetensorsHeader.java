package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file, checked in full before anything is mapped: eight bytes of length, JSON, then the
 * tensors, which must follow one another without gap or overlap to the last byte.
 *
 * <p>Source: the format's description in huggingface/safetensors; the limit of 100 MB is the reference's own.
 */
final class SafetensorsHeader {
    static final long MAX_HEADER_BYTES = 100_000_000;
    private static final int LENGTH_BYTES = 8;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path file;
    private final long fileBytes;
    private final long dataOffset;

    private SafetensorsHeader(Path file, long fileBytes, long headerBytes) {
        this.file = file;
        this.fileBytes = fileBytes;
        this.dataOffset = LENGTH_BYTES + headerBytes;
    }

    /**
     * @return the file's tensors in the order of their bytes
     * @throws ServingException INVALID_REQUEST, naming file and tensor, for anything but a sound file
     */
    static List<StoredTensor> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw broken(file, "expected at least 8 bytes, got %d", size);
            }
            long headerBytes = readFully(channel, 0, LENGTH_BYTES).getLong();
            if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
                throw broken(
                        file,
                        "expected a header of at most %d bytes, got %s",
                        MAX_HEADER_BYTES,
                        Long.toUnsignedString(headerBytes));
            }
            if (headerBytes > size - LENGTH_BYTES) {
                throw broken(
                        file, "the header is longer than the file: %d bytes in a file of %d bytes", headerBytes, size);
            }
            ByteBuffer header = readFully(channel, LENGTH_BYTES, (int) headerBytes);
            return new SafetensorsHeader(file, size, headerBytes).tensors(parse(file, header));
        } catch (IOException e) {
            throw ServingException.internal(e, "reading %s: %s", file, e.getMessage());
        }
    }

    private static ByteBuffer readFully(FileChannel channel, long position, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
        return buffer.flip();
    }

    private static JsonNode parse(Path file, ByteBuffer header) {
        JsonNode root;
        try {
            root = JSON.readTree(header.array());
        } catch (JacksonException e) {
            throw broken(file, "the header is not sound JSON: %s", e.getOriginalMessage());
        }
        if (!root.isObject()) {
            throw broken(file, "expected the header to be a JSON object, got %s", root.getNodeType());
        }
        return root;
    }

    private List<StoredTensor> tensors(JsonNode root) {
        List<StoredTensor> tensors = new ArrayList<>();
        for (var field : root.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                tensors.add(tensor(field.getKey(), field.getValue()));
            }
        }
        tensors.sort(Comparator.comparingLong(StoredTensor::offset).thenComparingLong(StoredTensor::bytes));
        long next = dataOffset;
        for (StoredTensor tensor : tensors) {
            if (tensor.offset() != next) {
                throw broken(
                        file,
                        "tensor %s: expected its data at offset %d, where the one before ends, got %d",
                        tensor.name(),
                        next - dataOffset,
                        tensor.offset() - dataOffset);
            }
            next += tensor.bytes();
        }
        if (next != fileBytes) {
            throw broken(file, "expected a file of %d bytes for the tensors it lists, got %d", next, fileBytes);
        }
        return List.copyOf(tensors);
    }

    private StoredTensor tensor(String name, JsonNode node) {
        String typeName = node.path("dtype").asString("none");
        StoredType type = StoredType.named(typeName)
                .orElseThrow(() -> broken(file, "tensor %s: expected a known dtype, got %s", name, typeName));
        List<Long> shape = naturals(name, "shape", node.path("shape"));
        List<Long> offsets = naturals(name, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > fileBytes - dataOffset) {
            throw broken(
                    file,
                    "tensor %s: expected data_offsets [begin, end] within %d bytes of data, got %s",
                    name,
                    fileBytes - dataOffset,
                    offsets);
        }
        long bytes = offsets.get(1) - offsets.get(0);
        long expected = expectedBytes(name, type, shape);
        if (bytes != expected) {
            throw broken(
                    file,
                    "tensor %s: expected %d bytes for %s of shape %s, got %d",
                    name,
                    expected,
                    type,
                    shape,
                    bytes);
        }
        return new StoredTensor(name, type, shape, dataOffset + offsets.get(0), bytes);
    }

    private List<Long> naturals(String name, String key, JsonNode node) {
        List<Long> values = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw broken(file, "tensor %s: expected whole numbers in %s, got %s", name, key, node);
            }
            values.add(value.asLong());
        }
        if (!node.isArray()) {
            throw broken(file, "tensor %s: expected a list as %s, got %s", name, key, node);
        }
        return values;
    }

    private long expectedBytes(String name, StoredType type, List<Long> shape) {
        try {
            long bytes = type.bytes();
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw broken(file, "tensor %s: its shape %s counts more bytes than any file has", name, shape);
        }
    }

    private static ServingException broken(Path file, String problem, Object... arguments) {
        return ServingException.invalid(
                "%s",
                "reading safetensors file " + file + ": " + String.format(problem, arguments)
                        + "; the file is damaged or incomplete, fetch it again");
    }
}
