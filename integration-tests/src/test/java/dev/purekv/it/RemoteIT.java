package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A console tunes a group of two real servers: its own, and one that wants a key and dies on the way. */
class RemoteIT {
    private static final Path SOURCE = Path.of("model-repository/moving-digits");
    private static final String GROUP = "/remote/groups/pair";
    private static final Pattern BOTH = Pattern.compile("(?s)>as wanted<.*>as wanted<");

    @TempDir
    private Path folder;

    private RunningServer own;
    private RunningServer other;
    private ConsoleClient admin;
    private String key;

    @Test
    void bringsBothServersToWhatIsWantedAlsoTheOneThatWasDead() throws Exception {
        Path repository = repository("own");
        Path others = repository("other");
        key = ApiKeys.create(folder.resolve("keys.json"), "console", 0);
        List<String> keys = List.of("--purekv.keys-file=" + folder.resolve("keys.json"));
        try {
            own = RunningServer.start(repository, Map.of(), List.of("--purekv.remote.watch-interval=1s"));
            other = RunningServer.start(others, Map.of(), keys);
            admin = ConsoleClient.firstLogin(own.consolePort(), own.log());
            registersBothOneWithAKey();

            want(5);
            admin.await(GROUP, BOTH);
            assertThat(ratio(own)).isCloseTo(5, within(0.5));
            assertThat(ratio(other)).isCloseTo(5, within(0.5));

            other.kill();
            want(3);
            String page =
                    admin.await(GROUP, Pattern.compile("(?s)>not reached<.*>as wanted<|>as wanted<.*>not reached<"));
            assertThat(page).contains("the connection was refused: nothing listens there");
            assertThat(ratio(own)).isCloseTo(3, within(0.3));

            RunningServer dead = other;
            other = RunningServer.startAt(dead.httpPort(), others, Map.of(), keys);
            dead.close();
            admin.await(GROUP, BOTH);
            assertThat(ratio(other)).isCloseTo(3, within(0.3));
            assertThat(others.resolve("moving-digits/config.pbtxt")).hasContent(config());
            assertThat(admin.get("/audit?action=bring+to+wanted&subject=far").body())
                    .contains("not reached", "as wanted: compression_ratio: default -&gt; 3", "(watch)");

            aWithdrawnWishHoldsUntilTheModelIsUnloaded();
        } finally {
            for (RunningServer each : new RunningServer[] {own, other}) {
                if (each != null) {
                    each.close();
                }
            }
        }
    }

    private void registersBothOneWithAKey() throws IOException, InterruptedException {
        String near = "http://127.0.0.1:" + own.httpPort();
        String far = "http://127.0.0.1:" + other.httpPort();
        admin.submit("/remote/endpoints", "name", "near", "address", near, "group", "pair");
        admin.submit("/remote/endpoints", "name", "far", "address", far, "group", "pair");
        admin.await("/remote", Pattern.compile("it wants an API key \\(401\\)"));
        admin.submit("/remote/endpoints/far/remove");
        admin.submit("/remote/endpoints", "name", "far", "address", far, "group", "pair", "key", key);
        for (String each : new String[] {"near", "far"}) {
            String page = admin.await("/remote/endpoints/" + each, Pattern.compile("moving-digits(?s).*>ready<"));
            assertThat(page).contains("Triton 2.51.0").doesNotContain(key);
        }
        assertThat(own.log()).doesNotContain(key);
    }

    private void want(int ratio) throws IOException, InterruptedException {
        admin.tuneGroup("pair", "tried it", "compression_ratio", "" + ratio);
    }

    private void aWithdrawnWishHoldsUntilTheModelIsUnloaded() throws IOException, InterruptedException {
        admin.submit(GROUP + "/withdraw", "model", "moving-digits");
        assertThat(ratio(other)).isCloseTo(3, within(0.3));
        admin.submit("/remote/endpoints/far/models/moving-digits/unload");
        admin.await("/remote/endpoints/far", Pattern.compile(">unavailable<"));
        admin.submit("/remote/endpoints/far/models/moving-digits/load");
        admin.await("/remote/endpoints/far", Pattern.compile("(?<!un)loaded in"));
        assertThat(ratio(other)).isEqualTo(1);
        assertThat(ratio(own)).isCloseTo(3, within(0.3));
    }

    private static String config() {
        return """
                backend: "purekv"
                parameters { key: "checkpoint" value { string_value: "%s" } }
                """.formatted(SOURCE.resolve("1").toAbsolutePath());
    }

    private Path repository(String name) throws IOException {
        Path repository = folder.resolve(name);
        Files.createDirectories(repository.resolve("moving-digits/1"));
        Files.writeString(repository.resolve("moving-digits/config.pbtxt"), config());
        return repository;
    }

    private double ratio(RunningServer server) throws IOException, InterruptedException {
        Map<String, Object> question = Map.of(
                "text_input",
                "How many digits are there?",
                "video",
                RunningServer.base64(SOURCE.resolve("samples/digits-16x112-1.mp4")),
                "parameters",
                Map.of("max_tokens", 2, "return_kv_metrics", true));
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.httpPort() + "/v2/models/moving-digits/generate"))
                .header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(RunningServer.JSON.writeValueAsString(question)))
                .build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer).path("kv_compression_ratio").asDouble();
    }
}
