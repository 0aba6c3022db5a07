package dev.purekv.triton;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Which version folders of a model Triton loads (model_config.proto, ModelVersionPolicy). */
final class VersionChoice {
    private VersionChoice() {}

    /**
     * @param policy as JSON; missing for the latest version alone
     * @return version numbers, the latest first
     * @throws ServingException NOT_FOUND when there is no such folder
     */
    static List<Long> of(JsonNode policy, Path folder) {
        List<Long> chosen = chosen(policy, present(folder));
        if (chosen.isEmpty()) {
            throw ServingException.notFound(
                    "no version: expected a folder %s with a whole number as its name%s",
                    folder.resolve("1"), policy.isMissingNode() ? "" : ", as version_policy asks for: " + policy);
        }
        return chosen;
    }

    private static List<Long> chosen(JsonNode policy, List<Long> present) {
        if (policy.has("all")) {
            return present;
        }
        if (policy.has("specific")) {
            Set<Long> wanted = new HashSet<>();
            policy.path("specific").path("versions").forEach(each -> wanted.add(each.asLong()));
            return present.stream().filter(wanted::contains).toList();
        }
        return present.stream()
                .limit(policy.path("latest").path("num_versions").asLong(1))
                .toList();
    }

    private static List<Long> present(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory)
                    .map(each -> each.getFileName().toString())
                    .filter(name -> name.matches("[1-9]\\d{0,17}"))
                    .map(Long::parseLong)
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw ServingException.notFound("no version: %s is no folder that can be read", folder);
        }
    }
}
