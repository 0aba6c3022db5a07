package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Dashboard and alerts speak of metrics that the server has. */
class MonitoringIT {
    private static final Path FILES = Path.of("integration-tests/deployment/helm/purekv/files");
    private static final Pattern METRIC = Pattern.compile("\\b(purekv:|nv_inference_|jvm_memory_|process_)[a-z0-9_]+");

    @Test
    void everyMetricOfTheDashboardAndTheAlertsIsServed() throws Exception {
        try (RunningServer server = RunningServer.start(Path.of("model-repository"))) {
            server.post("/v2/models/moving-digits/generate", Map.of("text_input", "hi"));
            Set<String> served = server.metrics()
                    .body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[{ ]")[0])
                    .collect(Collectors.toSet());
            assertThat(served).containsAll(named("dashboard.json")).containsAll(named("alerts.yml"));
        }
    }

    private static Set<String> named(String file) throws Exception {
        Set<String> names = METRIC.matcher(Files.readString(FILES.resolve(file)))
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).as(file).hasSizeGreaterThan(4);
        return names;
    }
}
