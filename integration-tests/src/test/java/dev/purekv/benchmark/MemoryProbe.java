package dev.purekv.benchmark;

import dev.purekv.model.LoadedModel;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.Sequence;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.tensor.LibTorch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads one long video prompt in a process of its own, and says how much memory that took. In a process of its own because
 * memory that an earlier prefill gave back stays with the allocator, and would hide what the next one takes.
 */
public final class MemoryProbe {
    /**
     * What one prefill took, in bytes.
     *
     * @param weights of the model, mapped
     * @param before resident before the prefill, when all weights had been read once
     * @param peak largest resident size during the prefill
     * @param counted largest sum of the layers' caches, at any pause
     * @param announced by the model, for admission
     * @param kept by the caches at the end
     * @param uncut cache of the whole prompt
     */
    record Taken(
            int tokens, long weights, long before, long peak, long counted, long announced, long kept, long uncut) {
        long growth() {
            return peak - before;
        }
    }

    private MemoryProbe() {}

    /**
     * Starts a process for one prefill, with a heap that is resident from the start, so that its growth does not count.
     *
     * @param environment on top of this process's
     */
    static Taken run(Path checkpoint, int videoTokens, Map<String, ?> settings, Map<String, String> environment)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx256m",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                MemoryProbe.class.getName(),
                checkpoint.toString(),
                Integer.toString(videoTokens)));
        settings.forEach((name, value) -> command.add(name + "=" + value));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        // The model's log comes first.
        return JsonMapper.shared().readValue(printed.substring(printed.lastIndexOf('\n') + 1), Taken.class);
    }

    /** @param arguments checkpoint folder, video tokens, settings as name=value; prints {@link Taken} as JSON */
    public static void main(String[] arguments) {
        Path checkpoint = Path.of(arguments[0]);
        Map<String, String> settings = new LinkedHashMap<>();
        Arrays.stream(arguments)
                .skip(2)
                .map(each -> each.split("=", 2))
                .forEach(each -> settings.put(each[0], each[1]));
        LibTorch.start();
        JsonNode config =
                JsonMapper.shared().readTree(checkpoint.resolve("config.json").toFile());
        try (LoadedModel loaded = ModelFamily.open(checkpoint, ModelSettings.read(Map.of()))) {
            KvSettings kv = KvSettings.read(settings, KvSettings.DEFAULT);
            prefill(loaded, VideoPrompts.of(config, 4), kv); // reads the weights, starts the threads
            ModelPrompt prompt = VideoPrompts.of(config, Integer.parseInt(arguments[1]) / VideoPrompts.CELLS);
            System.out.println(JsonMapper.shared().writeValueAsString(prefill(loaded, prompt, kv)));
        }
    }

    private static Taken prefill(LoadedModel loaded, ModelPrompt prompt, KvSettings kv) {
        long before = resident("VmRSS");
        long[] counted = {0};
        try (PointerScope scope = new PointerScope();
                Sequence sequence = loaded.model().begin(prompt, 0, kv)) {
            forgetPeak();
            sequence.prefill(() -> counted[0] = Math.max(counted[0], sequence.cacheBytes()));
            PrefillReport report = sequence.report();
            return new Taken(
                    prompt.tokens(),
                    loaded.model().weightBytes(),
                    before,
                    resident("VmHWM"),
                    Math.max(counted[0], sequence.cacheBytes()),
                    loaded.model().peakCacheBytes(prompt, 0, kv),
                    report.cacheBytes(),
                    report.fullCacheBytes());
        }
    }

    /** The peak that Linux remembers starts anew from the present size. */
    private static void forgetPeak() {
        try {
            Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long resident(String line) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(each -> each.startsWith(line + ":"))
                    .mapToLong(each -> Long.parseLong(each.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
