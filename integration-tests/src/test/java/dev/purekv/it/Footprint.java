package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process, as the kernel sees it. */
public record Footprint(long residentBytes, int threads) {
    public static Footprint of(long pid) throws IOException {
        long kilobytes = 0;
        int threads = 0;
        for (String line : Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status"))) {
            String[] words = line.split("\\s+");
            switch (words[0]) {
                case "VmRSS:" -> kilobytes = Long.parseLong(words[1]);
                case "Threads:" -> threads = Integer.parseInt(words[1]);
                default -> {}
            }
        }
        return new Footprint(kilobytes * 1024, threads);
    }

    @Override
    public String toString() {
        return residentBytes / 1_000_000 + " MB, " + threads + " threads";
    }
}
