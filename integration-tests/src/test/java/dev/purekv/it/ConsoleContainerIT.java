package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What people do at the console of a container, and what is left of it after its end, gentle or not. */
@ExtendWith(NeedsDocker.class)
class ConsoleContainerIT {
    private static final String STATE = "purekv-state-" + UUID.randomUUID();
    private static final String HISTORY = "/models/moving-digits/history";
    private static final Pattern LOADED = Pattern.compile("(?s)as it is now.*>loaded<|>loaded<.*as it is now");
    private static final int CLIPS = 1500;
    /** Ten questions, each with the full cache and with one method. */
    private static final int TRIALS = 20;

    @TempDir
    private static Path repository;

    private static ServerContainer server;
    private static ConsoleClient admin;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        ConsoleServer.copy(Path.of("model-repository/moving-digits"), repository.resolve("moving-digits"));
        server = container();
        server.start();
        admin = server.firstLogin();
    }

    @AfterAll
    static void stop() {
        server.close();
        ServerContainer.removeVolume(STATE);
    }

    private static ServerContainer container() throws IOException {
        return new ServerContainer()
                .withOwnRepository(repository)
                .withState(STATE)
                .withTmpFs(Map.of("/tmp", "size=64m"));
    }

    @Test
    void settingsChangedThereAreSeenInAnswers() throws Exception {
        for (int ratio : new int[] {5, 2}) {
            admin.tune("seen in answers", "compression_ratio", "" + ratio);
            // The page may still say so of the ratio before: the answers are asked until they have this one.
            admin.await(HISTORY, LOADED);
            await(() -> Math.abs(server.achievedRatio() - ratio) < 0.5);
        }
    }

    @Test
    void anotherContainerOnItsVolumesHasItsSettingsItsHistoryAndItsPeople() throws Exception {
        admin.tune("to be kept", "compression_ratio", "3");
        admin.await(HISTORY, LOADED);
        admin.post("/people", "name", "vera", "role", "viewer");
        server.stopGently(Duration.ofSeconds(40));
        server.close();

        server = container();
        server.start();

        assertThat(server.getLogs()).doesNotContain("Console login:");
        admin = server.visitor().logIn("admin");
        assertThat(admin.get(HISTORY).body()).contains("to be kept");
        assertThat(admin.get("/people").body()).contains("vera");
        assertThat(server.achievedRatio()).isCloseTo(3, within(0.4));
    }

    @Test
    void killedWhileItWritesSettingsItHasAWholeFileAndATrueHistory() throws Exception {
        Random random = new Random(7);
        for (int round = 0; round < 3; round++) {
            int first = 2 + round * 100;
            CompletableFuture<Integer> last = CompletableFuture.supplyAsync(() -> tuneUntilItIsGone(first));
            admin.await(HISTORY, Pattern.compile("write " + (first + 1)));
            Thread.sleep(random.nextInt(300));
            comeBackAfterAKill();

            int ratio = ratioInTheFile();
            assertThat(ratio).as("round " + round).isBetween(last.join() - 1, last.join());
            assertThat(files()).containsExactlyInAnyOrder("1", "config.pbtxt", "evaluation", "samples");
            String newest = newestThatStands(admin.get(HISTORY).body());
            assertThat(newest).contains("as it is now", "write " + ratio).doesNotContain("by hand");
            assertThat(server.ask(Map.of("return_kv_metrics", true))
                            .path("kv_cache_bytes")
                            .asLong())
                    .isPositive();
        }
    }

    /** @return the last ratio that was sent; each is another */
    private static int tuneUntilItIsGone(int ratio) {
        for (int next = ratio; ; next++) {
            try {
                HttpResponse<String> answer = admin.tune("write " + next, "compression_ratio", "" + next);
                if (answer.statusCode() == 503) {
                    next--; // the one before is being loaded
                }
            } catch (IOException gone) {
                return next;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static int ratioInTheFile() throws IOException {
        String text = Files.readString(repository.resolve("moving-digits/config.pbtxt"));
        Matcher ratio = Pattern.compile("\"compression_ratio\"[^}]*string_value: \"(\\d+)\"")
                .matcher(text);
        assertThat(ratio.find()).as(text).isTrue();
        return Integer.parseInt(ratio.group(1));
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(repository.resolve("moving-digits"))) {
            return files.map(each -> each.getFileName().toString()).toList();
        }
    }

    /** @return the newest row of the history that was not taken back */
    private static String newestThatStands(String page) {
        return Arrays.stream(page.split("<tr>"))
                .skip(2) // the head
                .filter(row -> !row.contains("taken back"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void killedDuringUploadsItHasWholeSetsOfQuestionsOnly() throws Exception {
        byte[] zip = zip();
        for (int delay : new int[] {0, 30, 120}) {
            String name = "set-" + delay;
            CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> upload(name, zip));
            await(() -> !stored().isEmpty() || upload.isDone());
            Thread.sleep(delay);
            comeBackAfterAKill();
            upload.join();
            for (String each : stored().lines().toList()) {
                assertThat(each).as("no half of a set").startsWith("set-");
                assertThat(server.execInContainer("ls", "/var/lib/purekv/console/questions/" + each)
                                .getStdout()
                                .lines())
                        .hasSize(CLIPS + 1);
                admin.post("/evaluations/questions/remove", "set", "upload:" + each);
            }
            upload(name, zip);
            assertThat(admin.get("/evaluations").body()).contains("upload:" + name);
            admin.post("/evaluations/questions/remove", "set", "upload:" + name);
        }
    }

    private interface Check {
        boolean holds() throws IOException, InterruptedException;
    }

    private static void await(Check check) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!check.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private static String stored() throws IOException, InterruptedException {
        return server.execInContainer("ls", "-A", "/var/lib/purekv/console/questions")
                .getStdout();
    }

    private static void upload(String name, byte[] zip) {
        String head = "--part\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n" + name + "\r\n--part\r\n"
                + "Content-Disposition: form-data; name=\"zip\"; filename=\"a.zip\"\r\n\r\n";
        try {
            admin.postParts(
                    "/evaluations/questions",
                    BodyPublishers.concat(
                            BodyPublishers.ofString(head),
                            BodyPublishers.ofByteArray(zip),
                            BodyPublishers.ofString("\r\n--part--\r\n")));
        } catch (IOException killed) {
            // as it should be
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            byte[] clip = Files.readAllBytes(ServerContainer.CLIP);
            for (int i = 0; i < CLIPS; i++) {
                zip.putNextEntry(new ZipEntry(i + ".mp4"));
                zip.write(clip);
            }
            zip.putNextEntry(new ZipEntry("questions.jsonl"));
            zip.write("{\"clip\":\"0.mp4\",\"kind\":\"x\",\"question\":\"?\",\"answer\":\"!\"}\n"
                    .getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void killedDuringAnEvaluationItGoesOnWhereItWas() throws Exception {
        String run = admin.evaluate(10);
        String trials = "/var/lib/purekv/console" + run + "/output/trials.jsonl";
        await(() -> lines(trials).size() > 3);
        comeBackAfterAKill();

        List<String> before = lines(trials);
        assertThat(before).hasSizeLessThan(TRIALS);
        admin.await(run, Pattern.compile(">(done|failed)<"));

        assertThat(admin.get(run).body()).contains(">done<", "Recommendation");
        List<String> after = lines(trials);
        assertThat(after).hasSize(TRIALS).startsWith(before.toArray(new String[0]));
    }

    private static List<String> lines(String file) throws IOException, InterruptedException {
        return server.execInContainer("cat", file).getStdout().lines().toList();
    }

    private static void comeBackAfterAKill() throws IOException, InterruptedException {
        server.crash();
        server.startAgain();
        admin = server.visitor().logIn("admin");
    }
}
