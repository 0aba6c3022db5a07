package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

/** Requests that the server answers, one for each thing that it can do. */
final class HttpSeeds {
    private static final String DIGITS = "/v2/models/moving-digits";
    private static final String STAGE = "/v2/models/kv_compression";
    private static final String SPARE = "/v2/repository/models/spare";
    private static final String STAGE_JSON =
            "{\"id\":\"7\",\"parameters\":{\"compression_ratio\":2,\"sink_tokens\":1,\"recent_tokens\":1},\"inputs\":["
                    + "{\"name\":\"OBSERVED_ATTENTION\",\"datatype\":\"FP32\",\"shape\":[2,1,6],\"data\":[0.1,0,0.5,0.2,0.1,0.1,0.1,0,0.3,0.4,0.1,0.1]},"
                    + "{\"name\":\"KEYS\",\"datatype\":\"FP32\",\"shape\":[1,6,2],\"data\":[0,0,1,1,2,2,3,3,4,4,5,5]},"
                    + "{\"name\":\"VALUES\",\"datatype\":\"FP32\",\"shape\":[1,6,2],\"data\":[1,0,1,0,1,0,3,0,1,0,1,0]}],"
                    + "\"outputs\":[{\"name\":\"KEPT_INDICES\"},{\"name\":\"KEYS\",\"parameters\":{\"binary_data\":true}},"
                    + "{\"name\":\"VALUES\",\"parameters\":{\"classification\":1}}]}";
    private static final String BINARY_JSON =
            "{\"parameters\":{\"binary_data_output\":true,\"compression_ratio\":2,\"sink_tokens\":1,\"recent_tokens\":1},\"inputs\":["
                    + "{\"name\":\"OBSERVED_ATTENTION\",\"datatype\":\"FP32\",\"shape\":[2,1,6],\"parameters\":{\"binary_data_size\":48}},"
                    + "{\"name\":\"KEYS\",\"datatype\":\"FP32\",\"shape\":[1,6,2],\"parameters\":{\"binary_data_size\":48}},"
                    + "{\"name\":\"VALUES\",\"datatype\":\"FP32\",\"shape\":[1,6,2],\"parameters\":{\"binary_data_size\":48}}]}";

    private final List<HttpMessage> cheap = new ArrayList<>();
    private final List<HttpMessage> costly = new ArrayList<>();

    private HttpSeeds() {}

    static HttpSeeds of() throws IOException {
        HttpSeeds seeds = new HttpSeeds();
        seeds.metadata();
        seeds.stage();
        seeds.questions();
        seeds.repository();
        return seeds;
    }

    /** Costly ones, with media, are one in forty. */
    HttpMessage any(Random random) {
        List<HttpMessage> from = random.nextInt(40) == 0 ? costly : cheap;
        return from.get(random.nextInt(from.size()));
    }

    private void metadata() {
        for (String path : List.of("/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/stats", "/v1/models")) {
            cheap.add(HttpMessage.get(path));
        }
        for (String what : List.of("", "/ready", "/config", "/stats", "/versions/1", "/versions/1/ready")) {
            cheap.add(HttpMessage.get(DIGITS + what));
        }
        cheap.add(HttpMessage.get("/v1/models/moving-digits"));
        cheap.add(HttpMessage.get("/v2/logging"));
        cheap.add(HttpMessage.get("/v2/trace/setting"));
        cheap.add(HttpMessage.get("/v2/systemsharedmemory/status"));
        cheap.add(HttpMessage.get("/v2/cudasharedmemory/status"));
    }

    private void stage() {
        cheap.add(HttpMessage.post(STAGE + "/infer", STAGE_JSON));
        cheap.add(
                HttpMessage.post(STAGE + "/versions/1/infer", STAGE_JSON).with("Accept-Encoding: gzip, deflate;q=0.5"));
        ByteArrayOutputStream binary = new ByteArrayOutputStream();
        binary.writeBytes(BINARY_JSON.getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < 36; i++) {
            binary.writeBytes(new byte[] {0, 0, (byte) (128 + i), 62}); // floats about 0.3
        }
        cheap.add(HttpMessage.post(STAGE + "/infer", "")
                .with("Inference-Header-Content-Length: " + BINARY_JSON.length())
                .withBody(binary.toByteArray()));
        cheap.add(HttpMessage.post(STAGE + "/infer", "raw").with("Inference-Header-Content-Length: 0"));
    }

    private void questions() throws IOException {
        String sampling = "\"parameters\":{\"max_tokens\":3,\"temperature\":0.7,\"seed\":4,\"top_p\":0.9,\"top_k\":5,"
                + "\"compression_ratio\":2,\"kv_policy\":\"purekv\",\"stop\":\"x\",\"return_kv_metrics\":true}";
        String text = "{\"text_input\":\"How many digits are there?\",\"exclude_input_in_output\":true,\"stream\":true,"
                + sampling + "}";
        cheap.add(HttpMessage.post(DIGITS + "/generate", text.replace("\"stream\":true", "\"stream\":false")));
        cheap.add(HttpMessage.post(DIGITS + "/generate_stream", text));
        cheap.add(
                HttpMessage.post(
                        DIGITS + "/generate",
                        "{\"messages\":\"[{\\\"role\\\":\\\"user\\\",\\\"content\\\":\\\"hi\\\"}]\",\"sampling_parameters\":"
                                + "\"{\\\"max_tokens\\\":2,\\\"min_tokens\\\":1,\\\"logprobs\\\":2}\",\"return_logprobs\":true}"));
        String chat =
                "{\"model\":\"moving-digits\",\"max_tokens\":2,\"stream\":%s,\"logprobs\":true,\"top_logprobs\":2,"
                        + "\"temperature\":0,\"purekv\":{\"compression_ratio\":3},\"stream_options\":{\"include_usage\":true},"
                        + "\"messages\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"user\",\"content\":[%s{\"type\":\"text\",\"text\":\"hi\"}]}]}";
        cheap.add(HttpMessage.post("/v1/chat/completions", String.format(chat, "true", "")));
        cheap.add(HttpMessage.post(
                "/v1/chat/completions",
                String.format(chat, "false", "").replace(",\"stream_options\":{\"include_usage\":true}", "")));
        cheap.add(HttpMessage.post(
                "/v1/completions",
                "{\"model\":\"moving-digits\",\"prompt\":\"a red 1\",\"max_tokens\":2,\"seed\":1,\"stop\":[\"x\"]}"));
        String clip = Base64.getEncoder()
                .encodeToString(
                        Files.readAllBytes(Path.of("model-repository/moving-digits/samples/digits-16x112-1.mp4")));
        costly.add(HttpMessage.post(
                DIGITS + "/generate", text.replace("\"stream\":true", "\"stream\":false,\"video\":\"" + clip + "\"")));
        costly.add(HttpMessage.post(
                "/v1/chat/completions",
                String.format(
                        chat,
                        "true",
                        "{\"type\":\"video_url\",\"video_url\":{\"url\":\"data:video/mp4;base64," + clip + "\"}},")));
        costly.add(HttpMessage.post(
                "/v1/chat/completions",
                String.format(
                        chat, "true", "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://127.0.0.1/x\"}},")));
    }

    private void repository() {
        cheap.add(HttpMessage.post("/v2/repository/index", "{\"ready\":true}"));
        cheap.add(HttpMessage.post("/v2/logging", "{\"log_verbose_level\":0,\"log_info\":true}"));
        cheap.add(HttpMessage.post("/v2/trace/setting", "{\"trace_level\":[\"OFF\"]}"));
        cheap.add(HttpMessage.post(
                "/v2/systemsharedmemory/region/r/register",
                "{\"key\":\"/purekv_fuzz\",\"offset\":0,\"byte_size\":64}"));
        cheap.add(HttpMessage.post("/v2/systemsharedmemory/unregister", "{}"));
        cheap.add(HttpMessage.post("/v2/cudasharedmemory/region/r/register", "{\"raw_handle\":{\"b64\":\"AAAA\"}}"));
        costly.add(HttpMessage.post(SPARE + "/load", "{}"));
        costly.add(HttpMessage.post(
                SPARE + "/load",
                "{\"parameters\":{\"config\":\"{\\\"backend\\\":\\\"purekv\\\",\\\"parameters\\\":{\\\"stage\\\":"
                        + "{\\\"string_value\\\":\\\"kv_compression\\\"}}}\",\"file:1/x\":\"AAAA\"}}"));
        costly.add(HttpMessage.post(SPARE + "/unload", "{\"parameters\":{\"unload_dependents\":true}}"));
    }
}
