package dev.purekv.console.remote;

import dev.purekv.server.ModelControl;
import dev.purekv.server.ServerException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A Triton behind its HTTP interface (KServe v2 with the extensions statistics, model_configuration and model_repository). */
final class RemoteTriton implements ModelControl {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LOAD_PATIENCE = Duration.ofMinutes(10);
    private static final int MOST_BYTES = 8 << 20;
    private static final int LONGEST_REASON = 1000;

    private final HttpClient client;
    private final JsonMapper json;
    private final Address address;
    private final String key;

    /** @param key empty for none */
    RemoteTriton(HttpClient client, JsonMapper json, Address address, String key) {
        this.client = client;
        this.json = json;
        this.address = address;
        this.key = key;
    }

    @Override
    public boolean live() {
        return send(get("/v2/health/live"), PATIENCE).statusCode() == 200;
    }

    @Override
    public boolean ready() {
        return send(get("/v2/health/ready"), PATIENCE).statusCode() == 200;
    }

    /** Requires what every Triton answers, so that other servers are told from them. */
    @Override
    public String metadata() {
        String answer = ask(get("/v2"), PATIENCE);
        JsonNode read = tree(answer);
        if (!read.path("name").isString() || !read.path("version").isString()) {
            throw Trouble.notTriton(address);
        }
        return answer;
    }

    @Override
    public String modelConfig(String model, String version) {
        return object(ask(get(path(model, version) + "/config"), PATIENCE));
    }

    @Override
    public String statistics(String model, String version) {
        return object(ask(get(model.isEmpty() ? "/v2/models/stats" : path(model, version) + "/stats"), PATIENCE));
    }

    @Override
    public String repositoryIndex(boolean readyOnly) {
        ObjectNode question = json.createObjectNode().put("ready", readyOnly);
        String answer = ask(post("/v2/repository/index", question), PATIENCE);
        if (!tree(answer).isArray()) {
            throw Trouble.notTriton(address);
        }
        return answer;
    }

    @Override
    public void load(String model, Map<String, Object> parameters) {
        ObjectNode question = json.createObjectNode();
        ObjectNode given = question.putObject("parameters");
        parameters.forEach((name, value) -> given.put(
                name, value instanceof byte[] file ? Base64.getEncoder().encodeToString(file) : (String) value));
        ask(post("/v2/repository/models/" + encoded(model) + "/load", question), LOAD_PATIENCE);
    }

    @Override
    public void unload(String model, boolean dependents) {
        ObjectNode question = json.createObjectNode();
        question.putObject("parameters").put("unload_dependents", dependents);
        ask(post("/v2/repository/models/" + encoded(model) + "/unload", question), LOAD_PATIENCE);
    }

    private static String path(String model, String version) {
        return "/v2/models/" + encoded(model) + (version.isEmpty() ? "" : "/versions/" + encoded(version));
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder get(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address.text() + path));
        return key.isEmpty() ? request : request.header("Authorization", "Bearer " + key);
    }

    private HttpRequest.Builder post(String path, ObjectNode body) {
        return get(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)));
    }

    private String ask(HttpRequest.Builder request, Duration limit) {
        HttpResponse<byte[]> answer = send(request, limit);
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        if (answer.statusCode() == 200) {
            return body;
        }
        throw Trouble.of(answer.statusCode(), told(body), address, !key.isEmpty());
    }

    /** The client's own limit ends with the headers; this one holds for the body too. */
    private HttpResponse<byte[]> send(HttpRequest.Builder request, Duration limit) {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request.timeout(limit).build(), head -> new BoundedBody(MOST_BYTES));
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Trouble.of(e.getCause(), address, limit);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw Trouble.of(e, address, limit);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ServerException(ServerException.Status.CANCELLED, "this console stops");
        }
    }

    /** Triton's own words, of a length that fits a page. */
    private String told(String body) {
        String words = tree(body).path("error").asString("");
        return words.length() <= LONGEST_REASON ? words : words.substring(0, LONGEST_REASON) + "...";
    }

    private String object(String answer) {
        if (!tree(answer).isObject()) {
            throw Trouble.notTriton(address);
        }
        return answer;
    }

    private JsonNode tree(String text) {
        try {
            return json.readTree(text);
        } catch (JacksonException noJson) {
            return json.createObjectNode();
        }
    }
}
