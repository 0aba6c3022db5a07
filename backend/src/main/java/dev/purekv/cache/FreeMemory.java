package dev.purekv.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory this process may still take: what the kernel calls available, or less where a control group says so. Pages of files
 * count as free, because the kernel drops them when memory is short; the JDK's own figure does not count them, and a server that has
 * just mapped its weights would see next to nothing.
 */
public final class FreeMemory {
    private final Path root;

    private FreeMemory(Path root) {
        this.root = root;
    }

    /** @return bytes; 0 when the machine does not tell */
    public static long bytes() {
        return new FreeMemory(Path.of("/")).read();
    }

    /** Reads below another root than the machine's. */
    static long bytes(Path root) {
        return new FreeMemory(root).read();
    }

    private long read() {
        long available = field("proc/meminfo", "MemAvailable:\\s+(\\d+) kB") * 1024;
        // Version 2, then version 1; inside a container both show the container's own group.
        long group = room("sys/fs/cgroup", "memory.max", "memory.current", "inactive_file");
        if (group < 0) {
            group = room(
                    "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
        }
        return group < 0 ? available : Math.min(available, group);
    }

    /** @return bytes left to a group; -1 without a limit */
    private long room(String folder, String limitFile, String usageFile, String droppable) {
        long limit = field(folder + "/" + limitFile, "(\\d+)");
        if (limit == 0) {
            return -1; // there is no such file, or it says max
        }
        long used = field(folder + "/" + usageFile, "(\\d+)");
        return Math.max(0, limit - used + field(folder + "/memory.stat", "(?m)^" + droppable + " (\\d+)"));
    }

    private long field(String file, String pattern) {
        try {
            List<String> lines = Files.readAllLines(root.resolve(file));
            Matcher found = Pattern.compile(pattern).matcher(String.join("\n", lines));
            return found.find() ? Long.parseLong(found.group(1)) : 0;
        } catch (IOException | NumberFormatException absent) {
            return 0;
        }
    }
}
