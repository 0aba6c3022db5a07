package dev.purekv.console.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.console.exchange.RequestLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatRefusalTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CHAT = "/v1/chat/completions";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start("purekv.http.max-request-bytes=4KB");
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    private static String chat(String text, String more) {
        return "{\"model\":\"talker\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]" + more + "}";
    }

    private static JsonNode error(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        JsonNode error = JSON.readTree(response.body()).path("error");
        assertThat(error.propertyNames()).containsExactly("message", "type", "param", "code");
        assertThat(error.path("message").asString()).isNotEmpty();
        return error;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "n                            | ,\"n\":2",
                "tools                        | ,\"tools\":[{}]",
                "logit_bias                   | ,\"logit_bias\":{\"5\":1}",
                "response_format              | ,\"response_format\":{\"type\":\"json_object\"}",
                "modalities                   | ,\"modalities\":[\"text\",\"audio\"]",
                "stream                       | ,\"stream\":1",
                "stream_options               | ,\"stream_options\":{\"include_usage\":true}",
                "top_logprobs                 | ,\"top_logprobs\":1",
                "top_logprobs                 | ,\"logprobs\":true,\"top_logprobs\":21",
                "max_tokens                   | ,\"max_tokens\":0",
                "max_completion_tokens        | ,\"max_completion_tokens\":1.5",
                "temperature                  | ,\"temperature\":\"hot\"",
                "temperature                  | ,\"temperature\":2.1",
                "tool_choice                  | ,\"tool_choice\":\"required\"",
                "tool_choice                  | ,\"tool_choice\":{\"type\":\"function\"}",
                "stop                         | ,\"stop\":[1]",
                "purekv                       | ,\"purekv\":4",
                "purekv.max_tokens            | ,\"purekv\":{\"max_tokens\":4}",
                "return_kv_metrics            | ,\"purekv\":{\"return_kv_metrics\":4}",
            })
    void namesTheFieldThatIsWrong(String param, String more) {
        JsonNode error = error(console.post(CHAT, chat("hi", more)), 400);

        assertThat(error.path("param").asString()).isEqualTo(param);
        assertThat(error.path("type").asString()).isEqualTo("invalid_request_error");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}",
                "{\"model\":5,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"model\":\"talker\"}",
                "{\"model\":\"talker\",\"messages\":[]}",
                "{\"model\":\"talker\",\"messages\":[5]}",
                "{\"model\":\"talker\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}{}",
                "{\"model\":\"fake\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}",
                "{\"model\":\"talker\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{}]}]}",
            })
    void refusesWhatIsNoChat(String body) {
        error(console.post(CHAT, body), 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"talker\"}",
                "{\"model\":\"talker\",\"prompt\":[\"a\",\"b\"]}",
                "{\"model\":\"talker\",\"prompt\":[1,2]}",
                "{\"model\":\"talker\",\"prompt\":\"a\",\"echo\":true}",
                "{\"model\":\"talker\",\"prompt\":\"a\",\"best_of\":2}",
                "{\"model\":\"talker\",\"prompt\":\"a\",\"logprobs\":true}",
            })
    void refusesCompletionsThatItCannotGive(String body) {
        error(console.post("/v1/completions", body), 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"absent", "", "..", "a/b"})
    void doesNotKnowOtherModels(String model) {
        JsonNode error = error(
                console.post(
                        CHAT, "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"),
                404);

        assertThat(error.path("code").asString()).isEqualTo("model_not_found");
    }

    @Test
    void answersOtherPathsAndMethodsInItsOwnShape() {
        error(console.get(Door.KSERVE, "/v1/models/absent"), 404);
        error(console.get(Door.KSERVE, "/v1/models/fake"), 400);
        error(console.get(Door.KSERVE, "/v1/embeddings"), 404);
        error(console.get(Door.KSERVE, "/v1"), 404);
        assertThat(console.get(Door.KSERVE, CHAT).headers().firstValue("Allow")).hasValue("POST");
        error(console.get(Door.KSERVE, CHAT), 405);
        assertThat(console.get(Door.KSERVE, "/v1x").body()).isEqualTo("{\"error\":\"Not Found\"}");
    }

    @Test
    void refusesBodiesThatAreTooLarge() {
        assertThat(error(console.post(CHAT, chat("x".repeat(5000), "")), 413)
                        .path("code")
                        .asString())
                .isEqualTo("request_too_large");
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARG, 400, invalid_request_error",
        "UNSUPPORTED, 400, invalid_request_error",
        "NOT_FOUND,   404, invalid_request_error",
        "UNAVAILABLE, 503, server_error",
        "CANCELLED,   499, cancelled_error",
        "INTERNAL,    500, server_error",
    })
    void givesTheModelsRefusalItsStatusAlsoBeforeAStream(String code, int status, String type) {
        for (String stream : new String[] {"", ",\"stream\":true"}) {
            JsonNode error = error(console.post(CHAT, chat("fail " + code, stream)), status);
            assertThat(error.path("type").asString()).isEqualTo(type);
            assertThat(error.path("message").asString()).isEqualTo("failed as asked");
        }
    }

    @Test
    void tellsALaterFailureInTheStream() {
        HttpResponse<String> response = console.post(CHAT, chat("break", ",\"stream\":true"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .endsWith("data: {\"error\":{\"message\":\"broke\",\"type\":\"server_error\",\"param\":null,"
                        + "\"code\":null}}\n\ndata: [DONE]\n\n");
    }

    @Test
    void endsAStreamThatTheModelEndsWithoutAReason() {
        assertThat(console.post(CHAT, chat("flags", ",\"stream\":true")).body())
                .contains("\"finish_reason\":\"stop\"")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void cancelsWhenTheClientLeaves() throws IOException {
        int before = console.server.cancelled.get();
        String body = chat("forever", ",\"stream\":true");
        Socket client = new Socket(InetAddress.getLoopbackAddress(), console.port(Door.KSERVE));
        String head = "POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n";
        client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        assertThat(client.getInputStream().read()).isEqualTo('H');

        client.close();

        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> console.server.cancelled.get() > before);
        Awaitility.await()
                .until(() -> console.bean(RequestLimits.class).bodies().heldBytes() == 0);
    }
}
