package dev.purekv.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class ChatTemplateTest {
    static IntStream chats() {
        return IntStream.range(0, TextGolden.json().get("chats").size());
    }

    @ParameterizedTest
    @MethodSource("chats")
    void rendersWhatTransformersRenders(int chat) {
        JsonNode golden = TextGolden.json().get("chats").get(chat);
        ChatTemplate template = ChatTemplate.open(
                        TextGolden.folder(golden.get("template").asString()))
                .orElseThrow();
        Map<String, Object> more = golden.get("visionIds").asBoolean() ? Map.of("add_vision_id", true) : Map.of();
        List<Message> conversation = TextGolden.conversation(golden.get("messages"));
        boolean generate = golden.get("generate").asBoolean();

        if (golden.get("prompt").isObject()) {
            assertThatThrownBy(() -> template.render(conversation, generate, more))
                    .isInstanceOf(ServingException.class)
                    .hasMessageContaining(golden.get("prompt").get("refused").asString());
        } else {
            assertThat(template.render(conversation, generate, more))
                    .isEqualTo(golden.get("prompt").asString());
        }
    }

    @Test
    void takesTheJinjaFileBeforeTheOthers(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"config\"}");
        assertThat(render(folder)).isEqualTo("config");
        Files.writeString(folder.resolve("chat_template.json"), "{\"chat_template\": \"json\"}");
        assertThat(render(folder)).isEqualTo("json");
        Files.writeString(folder.resolve("chat_template.jinja"), "jinja");
        assertThat(render(folder)).isEqualTo("jinja");
    }

    @Test
    void takesTheDefaultOfSeveralNamedTemplates(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"t\"}, {\"name\": \"default\", \"template\": \"d\"}]}");
        assertThat(render(folder)).isEqualTo("d");
    }

    @Test
    void findsNoTemplateWhereThereIsNone(@TempDir Path folder) {
        assertThat(ChatTemplate.open(folder)).isEmpty();
    }

    @Test
    void reachesNoJavaClassFromATemplate(@TempDir Path folder) throws IOException {
        for (String attack : List.of(
                "{{ messages.getClass().forName('java.lang.Runtime') }}",
                "{{ ''.class.forName('java.lang.Runtime').getRuntime().exec('id') }}",
                "{{ ____int3rpr3t3r____.getConfig() }}",
                "{% include '/etc/passwd' %}")) {
            Files.writeString(folder.resolve("chat_template.jinja"), attack);
            String output;
            try {
                output = render(folder);
            } catch (ServingException refused) {
                continue;
            }
            assertThat(output)
                    .as(attack)
                    .doesNotContain("Runtime")
                    .doesNotContain("root:")
                    .isBlank();
        }
    }

    @Test
    void endsATemplateThatNeverStopsWriting(@TempDir Path folder) throws IOException {
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{{ messages[0].content }}{% endfor %}{% endfor %}{% endfor %}");
        ChatTemplate template = ChatTemplate.open(folder).orElseThrow();
        assertThatThrownBy(() -> template.render(
                        List.of(new Message("user", List.of(new Message.Text("x".repeat(100_000))))), true, Map.of()))
                .isInstanceOf(ServingException.class);
    }

    @Test
    void writesDatesAsStrftimeDoes() {
        LocalDateTime time = LocalDateTime.of(2025, 3, 7, 15, 4, 5);
        assertThat(TemplateFunctions.format(time, "%d %b %Y %H:%M:%S %j %% %A %q"))
                .isEqualTo("07 Mar 2025 15:04:05 066 % Friday %q");
    }

    private static String render(Path folder) {
        return ChatTemplate.open(folder)
                .orElseThrow()
                .render(List.of(new Message("user", List.of(new Message.Text("hi")))), true, Map.of());
    }
}
