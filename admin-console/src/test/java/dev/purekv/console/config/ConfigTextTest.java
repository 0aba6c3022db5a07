package dev.purekv.console.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigTextTest {
    private static final ConfigText FILE = new ConfigText("""
            # Ours.
            backend: "purekv"
            input [ { name: "parameters" dims: [ -1 ] } ]
            parameters { key: "kv_policy" value { string_value: "purekv" } } # by evaluation
            parameters: {
              key: 'compression_ratio'
              value: { string_value: "2" '.5' }
            }
            instance_group [ { count: 1 } ]
            """);

    @Test
    void readsParametersInEveryForm() {
        assertThat(FILE.parameters()).isEqualTo(Map.of("kv_policy", "purekv", "compression_ratio", "2.5"));
        assertThat(new ConfigText(
                                "parameters [ {key:\"a\" value{string_value:\"1\"}}, <key:\"b\",value<string_value:'2';>;> ]")
                        .parameters())
                .isEqualTo(Map.of("a", "1", "b", "2"));
        assertThat(new ConfigText("").parameters()).isEmpty();
    }

    @Test
    void changesAValueAndLeavesAllElseAsItStands() {
        String changed = FILE.with(Map.of("compression_ratio", "5")).text();

        assertThat(changed).isEqualTo(FILE.text().replace("\"2\" '.5'", "\"5\""));
    }

    @Test
    void takesAParameterOutWithItsLines() {
        String changed =
                FILE.with(Collections.singletonMap("compression_ratio", null)).text();

        assertThat(changed).isEqualTo("""
                # Ours.
                backend: "purekv"
                input [ { name: "parameters" dims: [ -1 ] } ]
                parameters { key: "kv_policy" value { string_value: "purekv" } } # by evaluation
                instance_group [ { count: 1 } ]
                """);
        assertThat(FILE.with(Collections.singletonMap("kv_policy", null)).text())
                .as("the comment beside it stays")
                .contains(" # by evaluation\n");
    }

    @Test
    void takesAParameterOutOfAList() {
        ConfigText list = new ConfigText(
                "parameters [ {key:\"a\" value{string_value:\"1\"}}, {key:\"b\" value{string_value:\"2\"}} ]");

        assertThat(list.with(Collections.singletonMap("a", null)).parameters()).isEqualTo(Map.of("b", "2"));
    }

    @Test
    void addsAParameterAtTheEnd() {
        assertThat(new ConfigText("backend: \"purekv\"")
                        .with(Map.of("clie_layer", "1,\"2\\"))
                        .text())
                .isEqualTo("backend: \"purekv\"\n"
                        + "parameters { key: \"clie_layer\" value { string_value: \"1,\\\"2\\\\\" } }\n");
    }

    @Test
    void changesTheLastWhereANameStandsTwice() {
        ConfigText twice = new ConfigText("parameters { key: \"a\" value { string_value: \"1\" } }\n"
                + "parameters { key: \"a\" value { string_value: \"2\" } }\n");

        assertThat(twice.with(Map.of("a", "3")).parameters()).isEqualTo(Map.of("a", "3"));
        assertThat(twice.with(Collections.singletonMap("a", null)).text()).isEmpty();
    }

    @Test
    void refusesWhatItCannotRead() {
        for (String broken : new String[] {
            "parameters {",
            "parameters { key: \"a\" value { string_value: } }",
            "backend: \"purekv",
            "a: [ 1",
            "a }",
            "}"
        }) {
            assertThatThrownBy(() -> new ConfigText(broken).with(Map.of("x", "1")))
                    .as(broken)
                    .isInstanceOf(ServingException.class)
                    .hasMessageStartingWith("config.pbtxt: ");
        }
    }

    @Test
    void readsWhatItQuotes() {
        String odd = "a\"b'c\\d\te\u0001f\u00e4\n";

        assertThat(new ConfigText("").with(Map.of("odd", odd)).parameters()).isEqualTo(Map.of("odd", odd));
        assertThat(ConfigQuotes.undo("'\\x41\\101\\n\\q'")).isEqualTo("AA\nq");
    }
}
