package dev.purekv.it;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody at a console, as far as cookies, forms and their tokens go; follows no redirect by itself. */
final class ConsoleClient {
    static final String PASSWORD = "correct horse battery";
    private static final Pattern FIRST_PASSWORD = Pattern.compile("user admin, password (\\S{24}) ");
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final Pattern SEEN = Pattern.compile("name=\"seen\" value=\"([0-9a-f]+)\"");
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final String root;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .cookieHandler(new CookieManager())
            .build();
    private String token = "";

    ConsoleClient(int port) {
        this.root = "http://127.0.0.1:" + port;
    }

    /**
     * The administrator of a fresh server: took the printed password, chose {@link #PASSWORD} and is logged in with it.
     *
     * @param log of the server so far
     */
    static ConsoleClient firstLogin(int port, String log) throws IOException, InterruptedException {
        Matcher printed = FIRST_PASSWORD.matcher(log);
        if (!printed.find()) {
            throw new AssertionError("no password was printed:\n" + log);
        }
        new ConsoleClient(port).choosePassword(printed.group(1));
        return new ConsoleClient(port).logIn("admin");
    }

    /** @return the answer to the login itself, a redirect if all is well */
    HttpResponse<String> tryLogin(String name, String password) throws IOException, InterruptedException {
        get("/login");
        HttpResponse<String> answer = post("/login", "username", name, "password", password);
        token = ""; // a login makes a new one
        return answer;
    }

    /** With {@link #PASSWORD}. */
    ConsoleClient logIn(String name) throws IOException, InterruptedException {
        require(tryLogin(name, PASSWORD), "/");
        return this;
    }

    /** Logs in with the password that was given, and makes {@link #PASSWORD} of it, which ends the session. */
    private void choosePassword(String given) throws IOException, InterruptedException {
        require(tryLogin("admin", given), "/");
        require(post("/password", "present", given, "wanted", PASSWORD, "again", PASSWORD), "/login?changed");
    }

    private static void require(HttpResponse<String> answer, String place) {
        if (!place.equals(location(answer))) {
            throw new AssertionError(answer.statusCode() + " to " + location(answer) + "\n" + answer.body());
        }
    }

    /** @return where a redirect leads; empty where there is none */
    static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElse("");
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    /** @param fields names and values in turn; the page's token goes along */
    HttpResponse<String> post(String path, String... fields) throws IOException, InterruptedException {
        StringJoiner form = new StringJoiner("&");
        form.add("_csrf=" + encoded(token()));
        for (int i = 0; i < fields.length; i += 2) {
            form.add(encoded(fields[i]) + "=" + encoded(fields[i + 1]));
        }
        return send(request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    /** Posts a form that must be taken: what is refused fails the test. */
    void submit(String path, String... fields) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(path, fields);
        if (answer.statusCode() >= 400) {
            throw new AssertionError(answer.statusCode() + " " + path + "\n" + answer.body());
        }
    }

    /** @param body of a form with parts, whose boundary is {@code part} */
    HttpResponse<String> postParts(String path, HttpRequest.BodyPublisher body)
            throws IOException, InterruptedException {
        return send(request(path + "?_csrf=" + encoded(token()))
                .header("Content-Type", "multipart/form-data; boundary=part")
                .POST(body));
    }

    /** Sets parameters of the demonstration model; others stay what they are. */
    HttpResponse<String> tune(String reason, String... fields) throws IOException, InterruptedException {
        return tuneAt("/models/moving-digits/tuning", reason, fields);
    }

    /** As {@link #tune}, on every endpoint of a group. */
    HttpResponse<String> tuneGroup(String group, String reason, String... fields)
            throws IOException, InterruptedException {
        return tuneAt("/remote/groups/" + group + "/tuning/moving-digits", reason, fields);
    }

    private HttpResponse<String> tuneAt(String path, String reason, String... fields)
            throws IOException, InterruptedException {
        Matcher seen = SEEN.matcher(get(path).body());
        if (!seen.find()) {
            throw new IOException("no form to tune with");
        }
        String[] all = new String[fields.length + 4];
        System.arraycopy(fields, 0, all, 4, fields.length);
        all[0] = "seen";
        all[1] = seen.group(1);
        all[2] = "reason";
        all[3] = reason;
        return post(path, all);
    }

    /**
     * Starts an evaluation of the demonstration model on its own questions: purekv at ratio 2.
     *
     * @return its address
     */
    String evaluate(int questions) throws IOException, InterruptedException {
        HttpResponse<String> started = post(
                "/evaluations",
                "model",
                "moving-digits",
                "questions",
                "model:moving-digits",
                "methods",
                "purekv",
                "ratios",
                "2",
                "prefill",
                "dense",
                "limit",
                "" + questions,
                "seed",
                "1");
        String run = location(started);
        if (!run.startsWith("/evaluations/2")) {
            throw new AssertionError(started.statusCode() + " to " + run + "\n" + started.body());
        }
        return run;
    }

    /** Waits until a page says something. */
    String await(String path, Pattern words) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String page = get(path).body();
        while (!words.matcher(page).find()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waiting for " + words + " in\n" + page);
            }
            Thread.sleep(100);
            page = get(path).body();
        }
        return page;
    }

    private String token() throws IOException, InterruptedException {
        if (token.isEmpty()) {
            get("/password");
        }
        return token;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(root + path))
                .timeout(PATIENCE)
                .header("Accept", "text/html, */*;q=0.8"); // as a browser does: refusals come as pages
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Matcher found = TOKEN.matcher(response.body());
        token = found.find() ? found.group(1) : token;
        return response;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
