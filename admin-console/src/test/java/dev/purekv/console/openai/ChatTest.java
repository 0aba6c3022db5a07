package dev.purekv.console.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.FakeTalker;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.server.InferenceRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String CHAT = "/v1/chat/completions";
    private static RunningConsole console;

    @BeforeAll
    static void start() {
        console = RunningConsole.start();
    }

    @AfterAll
    static void stop() {
        console.close();
    }

    @BeforeEach
    void forget() {
        console.server.requests.clear();
    }

    private static String chat(String more) {
        return chat("hello", more);
    }

    private static String chat(String text, String more) {
        return "{\"model\":\"talker\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]" + more + "}";
    }

    private static JsonNode asked(String body) {
        HttpResponse<String> response = console.post(CHAT, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    /** The events of a stream but the last, which must be the end marker. */
    private static List<JsonNode> events(String path, String body) {
        HttpResponse<String> response = console.post(path, body);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream;charset=utf-8");
        List<JsonNode> events = new ArrayList<>();
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
        for (String event : response.body().split("\n\n")) {
            assertThat(event).startsWith("data: ");
            if (!event.equals("data: [DONE]")) {
                events.add(JSON.readTree(event.substring(6)));
            }
        }
        return events;
    }

    @Test
    void answersInOpenAisShape() {
        JsonNode answer = asked(chat(""));

        assertThat(answer.path("id").asString()).startsWith("chatcmpl-");
        assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
        assertThat(answer.path("created").asLong()).isPositive();
        assertThat(answer.path("model").asString()).isEqualTo("talker");
        assertThat(answer.path("choices").toString())
                .isEqualTo("[{\"index\":0,\"logprobs\":null,\"message\":{\"role\":\"assistant\","
                        + "\"content\":\"eins zwei \u00e9\",\"refusal\":null},\"finish_reason\":\"length\"}]");
        assertThat(answer.path("usage").toString())
                .isEqualTo(
                        "{\"prompt_tokens\":40,\"completion_tokens\":4,\"total_tokens\":44,"
                                + "\"prompt_tokens_details\":{\"cached_tokens\":0,\"text_tokens\":8,\"visual_tokens\":32,\"image_tokens\":12,\"video_tokens\":20,\"kept_kv_tokens\":10}}");
        assertThat(answer.has("purekv")).isFalse();
    }

    @Test
    void streamsTheRoleThenPiecesThenTheEnd() {
        List<JsonNode> events = events(CHAT, chat(",\"stream\":true"));

        assertThat(events)
                .extracting(event -> event.path("choices").path(0).path("delta").toString())
                .containsExactly(
                        "{\"role\":\"assistant\",\"content\":\"\"}",
                        "{\"content\":\"eins \"}",
                        "{\"content\":\"zwei \u00e9\"}",
                        "{}");
        assertThat(events)
                .extracting(event ->
                        event.path("choices").path(0).path("finish_reason").asString("none"))
                .containsExactly("none", "none", "none", "length");
        assertThat(events).extracting(event -> event.path("object").asString()).containsOnly("chat.completion.chunk");
        assertThat(events)
                .extracting(event -> event.path("id").asString())
                .containsOnly(events.get(0).path("id").asString());
        assertThat(events).noneMatch(event -> event.has("usage"));
    }

    @Test
    void endsAStreamWithCountsWhenAsked() {
        List<JsonNode> events = events(CHAT, chat(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        JsonNode last = events.get(events.size() - 1);
        assertThat(last.path("choices").toString()).isEqualTo("[]");
        assertThat(last.path("usage").path("total_tokens").asInt()).isEqualTo(44);
        assertThat(events.subList(0, events.size() - 1))
                .allMatch(event -> event.has("usage") && event.path("usage").isNull());
    }

    @Test
    void saysWhatBecameOfTheCacheWhenAsked() {
        String asks = ",\"purekv\":{\"compression_ratio\":4,\"return_kv_metrics\":true}";
        String metrics = "{\"kv_cache_bytes\":250,\"kv_cache_bytes_full\":1000,\"kv_policy\":\"purekv\"}";

        assertThat(asked(chat(asks)).path("purekv").toString()).isEqualTo(metrics);
        assertThat(events(CHAT, chat(asks + ",\"stream\":true"))
                        .get(3)
                        .path("purekv")
                        .toString())
                .isEqualTo(metrics);
    }

    @Test
    void givesLikelihoodsTokenByToken() {
        JsonNode content = asked(chat(",\"logprobs\":true,\"top_logprobs\":2"))
                .path("choices")
                .path(0)
                .path("logprobs")
                .path("content");

        assertThat(content.toString())
                .isEqualTo("[{\"token\":\"\u00e9\",\"logprob\":-0.5,\"bytes\":[195,169],\"top_logprobs\":["
                        + "{\"token\":\"\u00e9\",\"logprob\":-0.5,\"bytes\":[195,169]},"
                        + "{\"token\":\"\ufffd\",\"logprob\":-1.5,\"bytes\":null}]}]");
        assertThat(FakeTalker.text(console.server.requests.remove(), "sampling_parameters"))
                .isEqualTo("{\"logprobs\":2}");
    }

    @Test
    void handsTheModelWhatTheRequestSays() {
        asked(chat(",\"max_tokens\":5,\"max_completion_tokens\":7,\"temperature\":0.5,\"top_p\":0.9,\"seed\":-3,"
                + "\"stop\":[\"a\",\"b\"],\"frequency_penalty\":1,\"presence_penalty\":null,\"top_k\":4,"
                + "\"purekv\":{\"kv_policy\":\"snapkv\",\"compression_ratio\":5}"));

        InferenceRequest request = console.server.requests.remove();
        assertThat(JSON.readTree(FakeTalker.text(request, "sampling_parameters")))
                .isEqualTo(JSON.readTree("{\"max_tokens\":7,\"temperature\":0.5,\"top_p\":0.9,\"seed\":-3,"
                        + "\"stop\":[\"a\",\"b\"],\"frequency_penalty\":1,\"top_k\":4,\"kv_policy\":\"snapkv\","
                        + "\"compression_ratio\":5}"));
        assertThat(FakeTalker.text(request, "messages")).isEqualTo("[{\"role\":\"user\",\"content\":\"hello\"}]");
        assertThat(FakeTalker.flag(request, "stream")).isFalse();
        assertThat(FakeTalker.flag(request, "exclude_input_in_output")).isTrue();
    }

    @Test
    void takesADevelopersMessageForASystems() {
        asked("{\"model\":\"talker\",\"messages\":[{\"role\":\"developer\",\"content\":\"brief\"}]}");

        assertThat(FakeTalker.text(console.server.requests.remove(), "messages"))
                .isEqualTo("[{\"role\":\"system\",\"content\":\"brief\"}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",\"user\":\"u\",\"store\":true,\"metadata\":{\"a\":\"b\"},\"unheard_of\":[1]",
                ",\"n\":1,\"tools\":[],\"tool_choice\":\"none\",\"response_format\":{\"type\":\"text\"}",
                ",\"modalities\":[\"text\"],\"logit_bias\":{},\"stop\":null,\"logprobs\":false",
            })
    void passesOverWhatChangesNothing(String fields) {
        assertThat(asked(chat(fields)).path("choices").size()).isEqualTo(1);
    }

    @Test
    void answersCompletionsWithoutTheChatTemplate() {
        HttpResponse<String> response =
                console.post("/v1/completions", "{\"model\":\"talker\",\"prompt\":[\"once\"],\"logprobs\":1}");

        JsonNode choice = JSON.readTree(response.body()).path("choices").path(0);
        assertThat(choice.path("text").asString()).isEqualTo("eins zwei \u00e9");
        assertThat(choice.path("logprobs").toString())
                .isEqualTo("{\"tokens\":[\"\u00e9\"],\"token_logprobs\":[-0.5],"
                        + "\"top_logprobs\":[{\"\u00e9\":-0.5,\"\ufffd\":-1.5}],\"text_offset\":[0]}");
        InferenceRequest request = console.server.requests.remove();
        assertThat(FakeTalker.text(request, "text_input")).isEqualTo("once");
        assertThat(request.parameters()).containsEntry("apply_chat_template", false);
    }

    @Test
    void streamsCompletionsToo() {
        List<JsonNode> events = events("/v1/completions", "{\"model\":\"talker\",\"prompt\":\"once\",\"stream\":true}");

        assertThat(events)
                .extracting(event -> event.path("choices").path(0).path("text").asString())
                .containsExactly("eins ", "zwei \u00e9", "");
        assertThat(events).extracting(event -> event.path("object").asString()).containsOnly("text_completion");
    }

    @Test
    void listsTheModelsThatTalk() {
        HttpResponse<String> list = console.get(Door.KSERVE, "/v1/models");

        assertThat(JSON.readTree(list.body()).path("data"))
                .extracting(model -> model.path("id").asString())
                .containsExactly("talker");
        assertThat(JSON.readTree(console.get(Door.KSERVE, "/v1/models/talker").body())
                        .path("object")
                        .asString())
                .isEqualTo("model");
    }
}
