package dev.purekv.console.models;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the engines' gauges out of a server's Prometheus text. */
final class Figures {
    private static final Pattern GAUGE = Pattern.compile(
            "(?m)^purekv:(num_requests_running|num_requests_waiting|kv_cache_bytes|kv_compression_ratio)"
                    + "\\{model=\"((?:[^\"\\\\]|\\\\.)*)\",version=\"(\\d+)\"\\} (\\S+)$");

    private final Map<String, Double> values = new HashMap<>();

    Figures(String prometheus) {
        Matcher line = GAUGE.matcher(prometheus);
        while (line.find()) {
            values.put(key(line.group(1), line.group(2), line.group(3)), Double.parseDouble(line.group(4)));
        }
    }

    /** @return null for a model that has no engine */
    ModelFigures of(String model, String version) {
        Double running = values.get(key("num_requests_running", model, version));
        return running == null
                ? null
                : new ModelFigures(
                        running.longValue(),
                        (long) value("num_requests_waiting", model, version),
                        value("kv_cache_bytes", model, version),
                        value("kv_compression_ratio", model, version));
    }

    private double value(String name, String model, String version) {
        return values.getOrDefault(key(name, model, version), 0.0);
    }

    private static String key(String name, String model, String version) {
        return name + "\n" + model + "\n" + version;
    }
}
