package dev.purekv.console;

import dev.purekv.console.doors.Door;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Somebody with a browser, as far as cookies, forms and their tokens go; follows no redirect by itself. */
public final class Visitor {
    private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

    private final RunningConsole console;
    private final CookieManager cookies = new CookieManager();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(cookies)
            .build();
    private String token = "";

    public Visitor(RunningConsole console) {
        this.console = console;
    }

    /** @return the answer to the login itself, a redirect */
    public HttpResponse<String> login(String name, String password) {
        get("/login");
        HttpResponse<String> answer = post("/login", "username", name, "password", password);
        token = ""; // a login makes a new one
        return answer;
    }

    public HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = console.request(Door.CONSOLE, path);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    /** @param fields names and values in turn; the page's token goes along */
    public HttpResponse<String> post(String path, String... fields) {
        if (token.isEmpty()) {
            get("/password");
        }
        StringJoiner form = new StringJoiner("&");
        form.add("_csrf=" + encoded(token));
        for (int i = 0; i < fields.length; i += 2) {
            form.add(encoded(fields[i]) + "=" + encoded(fields[i + 1]));
        }
        return postRaw(path, form.toString());
    }

    /**
     * Posts a file as a form with parts.
     *
     * @param file as the form's header has it, quotes and lines in it too
     * @param fields names and values in turn; the page's token goes along
     */
    public HttpResponse<String> upload(String path, String part, String file, byte[] content, String... fields) {
        if (token.isEmpty()) {
            get("/password");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        String[] all = Arrays.copyOf(fields, fields.length + 2);
        all[fields.length] = "_csrf";
        all[fields.length + 1] = token;
        for (int i = 0; i < all.length; i += 2) {
            body.writeBytes(bytes(
                    "--part\r\nContent-Disposition: form-data; name=\"" + all[i] + "\"\r\n\r\n" + all[i + 1] + "\r\n"));
        }
        body.writeBytes(bytes("--part\r\nContent-Disposition: form-data; name=\"" + part + "\"; filename=\"" + file
                + "\"\r\nContent-Type: application/octet-stream\r\n\r\n"));
        body.writeBytes(content);
        body.writeBytes(bytes("\r\n--part--\r\n"));
        return send(console.request(Door.CONSOLE, path)
                .header("Content-Type", "multipart/form-data; boundary=part")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Posts without the page's token, as a page of somebody else's would. */
    public HttpResponse<String> postRaw(String path, String form) {
        return send(console.request(Door.CONSOLE, path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form)));
    }

    /** @return the cookie that names the session, or null */
    public String session() {
        return cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("PUREKV_SESSION"))
                .map(HttpCookie::getValue)
                .findFirst()
                .orElse(null);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            Matcher found = TOKEN.matcher(response.body());
            token = found.find() ? found.group(1) : token;
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
