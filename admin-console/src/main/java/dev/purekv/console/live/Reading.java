package dev.purekv.console.live;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The engines' figures out of a server's Prometheus text, summed over versions: a model that is loaded again for a moment has two. */
record Reading(Map<String, Double> values) {
    private static final Pattern LINE = Pattern.compile(
            "(?m)^purekv:([a-z0-9_]+)\\{model=\"((?:[^\"\\\\]|\\\\.)*)\",version=\"\\d+\"\\} ([-+.0-9eE]+)$");

    static Reading of(String prometheus) {
        Map<String, Double> values = new HashMap<>();
        Matcher line = LINE.matcher(prometheus);
        while (line.find()) {
            values.merge(line.group(2) + "\n" + line.group(1), Double.parseDouble(line.group(3)), Double::sum);
        }
        return new Reading(values);
    }

    Set<String> models() {
        Set<String> models = new TreeSet<>();
        values.keySet().forEach(key -> models.add(key.substring(0, key.indexOf('\n'))));
        return models;
    }

    /** 0 for what is not there. */
    double value(String model, String name) {
        return values.getOrDefault(model + "\n" + name, 0.0);
    }
}
