package dev.purekv.triton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.ServingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ConfigTextTest {
    private static void reads(String text, String json) {
        assertThat(ConfigText.read(text).toString())
                .isEqualTo(JsonMapper.shared().readTree(json).toString());
    }

    @Test
    void aWholeConfigurationReadsAsTritonsJson() {
        reads("""
                # A comment with "quotes" and { brackets
                name: "m"  backend: 'purekv',
                max_batch_size: 0;
                model_transaction_policy { decoupled: true }
                input [
                  { name: "text_input" data_type: TYPE_STRING dims: [ 1 ] }, # another
                  { name: "video" data_type: TYPE_STRING dims: [ -1, 2 ] optional: true }
                ]
                output: < name: "text_output" data_type: TYPE_STRING dims: -1 >
                instance_group [ { count: 1 kind: KIND_MODEL } ]
                version_policy: { specific: { versions: 1 versions: 3 } }
                parameters { key: "kv_policy" value { string_value: "snap" "kv" } }
                parameters: { key: "checkpoint", value: { string_value: "/a b" } }
                """, """
                {"name": "m", "backend": "purekv", "max_batch_size": 0, "model_transaction_policy": {"decoupled": true},
                 "input": [{"name": "text_input", "data_type": "TYPE_STRING", "dims": [1]},
                           {"name": "video", "data_type": "TYPE_STRING", "dims": [-1, 2], "optional": true}],
                 "output": [{"name": "text_output", "data_type": "TYPE_STRING", "dims": [-1]}],
                 "instance_group": {"count": 1, "kind": "KIND_MODEL"},
                 "version_policy": {"specific": {"versions": [1, 3]}},
                 "parameters": {"kv_policy": {"string_value": "snapkv"}, "checkpoint": {"string_value": "/a b"}}}
                """);
    }

    @Test
    void anEmptyConfigurationIsOne() {
        reads("", "{}");
        reads(" # nothing\n", "{}");
        reads("a {} b < > c [ ]", "{\"a\": {}, \"b\": {}}");
    }

    @Test
    void whatStandsTwiceBecomesAList() {
        reads("a: 1 a: 2 a: 3", "{\"a\": [1, 2, 3]}");
    }

    @Test
    void numbersThatAreNotWholeAndWordsStayTexts() {
        reads(
                "a: 1.5 b: -2e3 c: 0x1F d: inf e: KIND_CPU f: -7",
                "{\"a\": \"1.5\", \"b\": \"-2e3\", \"c\": \"0x1F\", \"d\": \"inf\", \"e\": \"KIND_CPU\", \"f\": -7}");
        reads("a: \"true\" b: true", "{\"a\": \"true\", \"b\": true}");
    }

    @Test
    void escapesAreUndone() {
        reads("a: \"\\\\ \\\" \\' \\n \\t\"", "{\"a\": \"\\\\ \\\" ' \\n \\t\"}");
        reads("a: \"\\303\\274 \\xc3\\xbc \\u00fc \\U0001F600\"", "{\"a\": \"ü ü ü 😀\"}");
        reads("a: \"/modèles/清\"", "{\"a\": \"/modèles/清\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'a: 1\nb: '          | line 2 | a value",
                "'a: 1\n\n}'          | line 3 | a field",
                "'a { b: 1'           | line 1 | '}'",
                "'a [ 1 2 ]'          | line 1 | ']'",
                "'a \"text\"'         | line 1 | a",
                "'a: \"open'          | line 1 | a name",
                "'a: 1\n[ext.b]: 2'   | line 2 | a field",
                "'{\"a\": 1}'         | line 1 | a field",
            })
    void whatIsNoTextFormatIsRefusedWithItsPlace(String text, String line, String expected) {
        assertThatThrownBy(() -> ConfigText.read(text))
                .isInstanceOf(ServingException.class)
                .hasMessageContainingAll("config.pbtxt", line, expected);
    }
}
