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

/** An administrator at the console of a fresh server, without a browser. */
final class ConsoleVisitor {
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");
    private static final Pattern FIRST_PASSWORD = Pattern.compile("user admin, password (\\S{24}) ");
    private static final String PASSWORD = "correct horse battery";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String root;
    private final HttpClient client =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
    private String token = "";

    /** Logs in with the password that the server printed, and chooses another. */
    ConsoleVisitor(RunningServer server) throws IOException, InterruptedException {
        root = "http://127.0.0.1:" + server.consolePort();
        Matcher printed = FIRST_PASSWORD.matcher(server.log());
        if (!printed.find()) {
            throw new IllegalStateException("no first password in the log:\n" + server.log());
        }
        logIn(printed.group(1));
        get("/password");
        post("/password", "present", printed.group(1), "wanted", PASSWORD, "again", PASSWORD);
        logIn(PASSWORD);
    }

    private void logIn(String password) throws IOException, InterruptedException {
        get("/login");
        post("/login", "username", "admin", "password", password);
        get("/password"); // a login makes another token
    }

    String get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(root + path)));
    }

    /** @param fields names and values in turn */
    String post(String path, String... fields) throws IOException, InterruptedException {
        StringJoiner form = new StringJoiner("&");
        form.add("_csrf=" + encoded(token));
        for (int i = 0; i < fields.length; i += 2) {
            form.add(encoded(fields[i]) + "=" + encoded(fields[i + 1]));
        }
        return send(HttpRequest.newBuilder(URI.create(root + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.toString())));
    }

    /** @return the page, once it has all of these */
    String await(String path, Pattern wanted) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        String page = get(path);
        while (!wanted.matcher(page).find()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(path + " never had " + wanted + ":\n" + page);
            }
            Thread.sleep(200);
            page = get(path);
        }
        return page;
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) {
            throw new AssertionError(answer.statusCode() + " " + answer.uri() + "\n" + answer.body());
        }
        Matcher found = TOKEN.matcher(answer.body());
        token = found.find() ? found.group(1) : token;
        return answer.body();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
