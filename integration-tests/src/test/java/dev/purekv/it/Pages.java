package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The addresses of the console, from the table that its own tests hold against what it answers. */
final class Pages {
    private static final Path TABLE = Path.of("admin-console/src/test/resources/pages.txt");

    private final Map<String, String> examples;

    /** @param examples what stands for a part of a pattern, such as {@code {model}} */
    Pages(Map<String, String> examples) {
        this.examples = examples;
    }

    /** @return every page's address */
    List<String> pages() throws IOException {
        return addresses("page ");
    }

    /** @return addresses of parts of pages, which refresh themselves */
    List<String> parts() throws IOException {
        return addresses("part ");
    }

    private List<String> addresses(String word) throws IOException {
        return Files.readAllLines(TABLE).stream()
                .filter(line -> line.startsWith(word))
                .map(line -> address(line.substring(word.length())))
                .toList();
    }

    private String address(String pattern) {
        String address = pattern;
        for (Map.Entry<String, String> each : examples.entrySet()) {
            address = address.replace(each.getKey(), each.getValue());
        }
        if (address.contains("{")) {
            throw new AssertionError("a page that no journey visits: say what stands for the names in " + pattern);
        }
        return address;
    }
}
