package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.exchange.RunningExchanges;
import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceServer;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Starts inferences for {@code generate} and {@code generate_stream}. */
@Component
final class Generation {
    private final InferenceServer server;
    private final RequestJson json;
    private final RunningExchanges exchanges;

    Generation(InferenceServer server, RequestJson json, RunningExchanges exchanges) {
        this.server = server;
        this.json = json;
        this.exchanges = exchanges;
    }

    /** @throws RuntimeException when the request is refused before it starts; the caller answers then */
    void begin(Target target, ChunkStream body, AsyncContext async, ReplyForm form) throws IOException {
        // Asked each time: a reload may change the inputs, and asking costs microseconds.
        ModelInputs inputs = ModelInputs.of(server.modelMetadata(target.model(), target.version()), json.mapper());
        InferenceRequest request = GenerateParser.parse(target, inputs, body, json);
        exchanges.start(server, request, body, async, form);
    }
}
