package dev.purekv.checkpoint;

import dev.purekv.ServingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds the safetensors files of a checkpoint directory and makes sure that they hold what the index promises. */
final class CheckpointFiles {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";

    private CheckpointFiles() {}

    /**
     * @return per file its tensors
     * @throws ServingException NOT_FOUND when the directory holds no checkpoint or lacks a shard, INVALID_REQUEST when
     *     index and shards disagree or a file is damaged
     */
    static Map<Path, List<StoredTensor>> of(Path directory) {
        Path index = directory.resolve(INDEX);
        Path single = directory.resolve(SINGLE);
        if (Files.isRegularFile(index)) {
            return sharded(directory, index);
        }
        if (Files.isRegularFile(single)) {
            return Map.of(single, SafetensorsHeader.read(single));
        }
        throw ServingException.notFound(
                "opening checkpoint %s: expected %s or %s in it, found neither", directory, SINGLE, INDEX);
    }

    private static Map<Path, List<StoredTensor>> sharded(Path directory, Path index) {
        Map<String, Set<String>> namesByShard = shards(index);
        Map<Path, List<StoredTensor>> files = new LinkedHashMap<>();
        namesByShard.forEach((shard, names) -> {
            Path file = directory.resolve(shard);
            if (!Files.isRegularFile(file)) {
                throw ServingException.notFound(
                        "opening checkpoint %s: the shard %s is named in %s but is not there", directory, shard, INDEX);
            }
            List<StoredTensor> tensors = SafetensorsHeader.read(file);
            Set<String> found = new TreeSet<>();
            tensors.forEach(tensor -> found.add(tensor.name()));
            if (!found.equals(names)) {
                throw ServingException.invalid(
                        "opening checkpoint %s: %s and its index disagree: only in the index %s, only in the file %s",
                        directory, shard, without(names, found), without(found, names));
            }
            files.put(file, tensors);
        });
        return files;
    }

    private static Map<String, Set<String>> shards(Path index) {
        JsonNode map;
        try {
            map = JsonMapper.shared().readTree(index.toFile()).path("weight_map");
        } catch (JacksonException e) {
            throw ServingException.invalid("reading %s: not sound JSON: %s", index, e.getOriginalMessage());
        }
        if (!map.isObject() || map.isEmpty()) {
            throw ServingException.invalid(
                    "reading %s: expected an object weight_map from tensor to file, got %s", index, map);
        }
        Map<String, Set<String>> shards = new LinkedHashMap<>();
        for (var field : map.properties()) {
            String shard = field.getValue().asString("");
            // A name with a separator could lead out of the checkpoint.
            if (!shard.endsWith(".safetensors") || shard.contains("/") || shard.contains("\\")) {
                throw ServingException.invalid(
                        "reading %s: tensor %s: expected the name of a safetensors file, got %s",
                        index, field.getKey(), field.getValue());
            }
            shards.computeIfAbsent(shard, name -> new TreeSet<>()).add(field.getKey());
        }
        return shards;
    }

    private static Set<String> without(Set<String> names, Set<String> others) {
        Set<String> rest = new TreeSet<>(names);
        rest.removeAll(others);
        return rest;
    }
}
