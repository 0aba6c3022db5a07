package dev.purekv.console.playground;

import dev.purekv.ServingException;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestLimits;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import dev.purekv.settings.KvSettings;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import tools.jackson.databind.json.JsonMapper;

/** Answers the playground's questions, and cancels them. */
@Controller
@RequestMapping("/playground")
class AskController {
    private static final String LINES = "application/x-ndjson;charset=UTF-8";

    private final InferenceServer server;
    private final Samples samples;
    private final RunningQuestions running;
    private final RequestLimits limits;
    private final JsonMapper json;

    AskController(
            InferenceServer server, Samples samples, RunningQuestions running, RequestLimits limits, JsonMapper json) {
        this.server = server;
        this.samples = samples;
        this.running = running;
        this.limits = limits;
        this.json = json;
    }

    /**
     * What the page sends, beside settings of the cache by their names.
     *
     * @param id the page's own, to cancel by
     * @param file a clip or a picture; empty with a sample, or none at all
     */
    record Asked(String id, String model, String text, String sample, MultipartFile file) {}

    /** Answers with lines of JSON as they come ({@link AnswerLines}), on the request's own thread: no more than a few are under way. */
    @PostMapping("/ask")
    void ask(Asked asked, @RequestParam Map<String, String> fields, Authentication who, HttpServletResponse response)
            throws IOException, InterruptedException {
        long bytes = asked.file() == null ? 0 : asked.file().getSize();
        try {
            if (bytes > limits.maxRequestBytes()) {
                throw limits.tooLarge();
            }
            limits.bodies().reserve(bytes); // with those of the doors: it is held until the answer's end, as theirs are
        } catch (Refusal e) {
            refuse(response, e);
            return;
        }
        try {
            answer(asked, fields, who.getName(), response);
        } finally {
            limits.bodies().release(bytes);
        }
    }

    private void answer(Asked asked, Map<String, String> fields, String who, HttpServletResponse response)
            throws IOException, InterruptedException {
        AnswerLines lines = new AnswerLines(json);
        RunningInference inference;
        try {
            running.requireRoom();
            inference = server.infer(question(asked, fields).request(), lines);
        } catch (ServingException | ServerException e) {
            refuse(response, e);
            return;
        }
        String id = String.valueOf(asked.id());
        running.began(who, id, inference);
        try {
            response.setContentType(LINES);
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no");
            lines.write(response.getOutputStream(), inference);
        } finally {
            running.ended(who, id);
        }
    }

    private Question question(Asked asked, Map<String, String> fields) throws IOException {
        Map<String, String> kv = new LinkedHashMap<>(fields);
        kv.keySet().retainAll(KvSettings.NAMES);
        kv.values().removeIf(String::isBlank);
        byte[] media = {};
        String name = "";
        if (asked.file() != null && !asked.file().isEmpty()) {
            media = asked.file().getBytes();
            name = String.valueOf(asked.file().getOriginalFilename());
        } else if (asked.sample() != null && !asked.sample().isEmpty()) {
            media = Files.readAllBytes(samples.file(asked.model(), asked.sample()));
            name = asked.sample();
        }
        int tokens = tokens(fields.getOrDefault("max_tokens", "128"));
        return new Question(
                String.valueOf(asked.model()), String.valueOf(asked.text()), media, !picture(name), kv, tokens);
    }

    /** GIFs go as clips: a still one is a clip of one frame. */
    private static boolean picture(String name) {
        return name.toLowerCase(Locale.ROOT).matches(".*\\.(png|jpe?g|webp|bmp)");
    }

    private static int tokens(String text) {
        if (!text.matches("\\d{1,6}")) {
            throw ServingException.invalid("asking: expected a whole number of tokens, got '%s'", text);
        }
        return Integer.parseInt(text);
    }

    private void refuse(HttpServletResponse response, RuntimeException why) throws IOException {
        response.setStatus(HttpStatus.BAD_REQUEST.value());
        response.setContentType(LINES);
        String line = json.createObjectNode().put("problem", why.getMessage()) + "\n";
        response.getOutputStream().write(line.getBytes(StandardCharsets.UTF_8));
    }

    @PostMapping("/cancel")
    ResponseEntity<Void> cancel(@RequestParam String id, Authentication who) {
        return running.cancel(who.getName(), id)
                ? ResponseEntity.noContent().build()
                : ResponseEntity.notFound().build();
    }
}
