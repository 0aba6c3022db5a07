package dev.purekv.it;

import static dev.purekv.it.RunningServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A server that no locale was set for, as under cron, systemd and many containers: Java's default charset is ASCII then. */
class LocaleIT {
    private static final String MODEL = "/v2/models/moving-digits/generate";
    private static final String WORDS = "na\u00efve \ud83d\ude00";

    @Test
    void textIsUtf8WhateverTheLocale() throws Exception {
        try (RunningServer server =
                RunningServer.start(Path.of("model-repository"), Map.of("LC_ALL", "C", "LANG", ""))) {
            HttpResponse<String> echoed =
                    server.post(MODEL, Map.of("id", WORDS, "text_input", WORDS, "parameters", Map.of("stop", WORDS)));
            assertThat(echoed.statusCode()).as(echoed.body()).isEqualTo(200);
            assertThat(json(echoed).path("id").asString()).isEqualTo(WORDS);
            assertThat(json(echoed).path("text_output").asString()).startsWith(WORDS);

            HttpResponse<String> named = server.post(MODEL, Map.of("text_input", "hi", WORDS, 1));
            assertThat(named.statusCode()).isEqualTo(400);
            assertThat(json(named).path("error").asString()).contains("unknown parameter '" + WORDS + "'");

            HttpResponse<String> quoted = server.post(MODEL, Map.of("text_input", "hi", "temperature", WORDS));
            assertThat(json(quoted).path("error").asString()).contains("got " + WORDS);

            HttpResponse<String> load = server.post(
                    "/v2/repository/models/moving-digits/load",
                    Map.of(
                            "parameters",
                            Map.of(
                                    "config",
                                    "{\"backend\":\"purekv\",\"parameters\":{\"" + WORDS
                                            + "\":{\"string_value\":\"\"}}}")));
            assertThat(load.statusCode()).isEqualTo(400);
            assertThat(json(load).path("error").asString()).contains("unknown parameter '" + WORDS + "'");
        }
    }
}
