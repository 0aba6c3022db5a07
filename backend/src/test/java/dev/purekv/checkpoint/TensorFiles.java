package dev.purekv.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads and writes safetensors files byte by byte, for tests that need variants of a checkpoint. */
public final class TensorFiles {
    /** One tensor as it lies in a file. */
    public record Raw(String type, List<Long> shape, byte[] bytes) {}

    private TensorFiles() {}

    public static Map<String, Raw> read(Path file) {
        try {
            byte[] all = Files.readAllBytes(file);
            Map<String, Raw> tensors = new LinkedHashMap<>();
            for (StoredTensor stored : SafetensorsHeader.read(file)) {
                int from = Math.toIntExact(stored.offset());
                byte[] bytes = Arrays.copyOfRange(all, from, from + Math.toIntExact(stored.bytes()));
                tensors.put(stored.name(), new Raw(stored.type().name(), stored.shape(), bytes));
            }
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param padding spaces after the header, which move the data to another alignment */
    public static void write(Path file, Map<String, Raw> tensors, int padding) {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        long offset = 0;
        for (var tensor : tensors.entrySet()) {
            Raw raw = tensor.getValue();
            header.append(",\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(tensor.getKey(), raw.type(), raw.shape(), offset, offset + raw.bytes().length));
            offset += raw.bytes().length;
        }
        write(
                file,
                header.append('}') + " ".repeat(padding),
                tensors.values().stream().map(Raw::bytes).toList());
    }

    /** Writes a header as it stands, sound or not. */
    public static void write(Path file, String header, List<byte[]> data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        int bytes =
                8 + json.length + data.stream().mapToInt(part -> part.length).sum();
        ByteBuffer all = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(json.length).put(json);
        data.forEach(all::put);
        try {
            Files.write(file, all.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes two shards, every other tensor into each, and the index that joins them. */
    public static void writeSharded(Path directory, Map<String, Raw> tensors) {
        Map<String, Raw> even = new LinkedHashMap<>();
        Map<String, Raw> odd = new LinkedHashMap<>();
        tensors.forEach((name, raw) -> (even.size() > odd.size() ? odd : even).put(name, raw));
        write(directory.resolve("model-00001-of-00002.safetensors"), even, 0);
        write(directory.resolve("model-00002-of-00002.safetensors"), odd, 0);
        String map = tensors.keySet().stream()
                .map(name ->
                        "\"%s\":\"model-0000%d-of-00002.safetensors\"".formatted(name, even.containsKey(name) ? 1 : 2))
                .collect(Collectors.joining(","));
        try {
            Files.writeString(
                    directory.resolve("model.safetensors.index.json"),
                    "{\"metadata\":{},\"weight_map\":{" + map + "}}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
