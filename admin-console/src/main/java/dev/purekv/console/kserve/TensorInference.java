package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.exchange.RunningExchanges;
import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.server.InferenceServer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Starts inferences for {@code infer}. */
@Component
final class TensorInference {
    private static final String JSON_BYTES = "Inference-Header-Content-Length";

    private final InferenceServer server;
    private final RequestJson json;
    private final RunningExchanges exchanges;
    private final SharedMemory memory;

    TensorInference(InferenceServer server, RequestJson json, RunningExchanges exchanges, SharedMemory memory) {
        this.server = server;
        this.json = json;
        this.exchanges = exchanges;
        this.memory = memory;
    }

    /** @throws RuntimeException when the request is refused before it starts; the caller answers then */
    void begin(Target target, ChunkStream body, AsyncContext async) throws IOException {
        HttpServletRequest http = (HttpServletRequest) async.getRequest();
        if (server.decoupled(target.model(), target.version())) {
            throw new Refusal(
                    501,
                    "HTTP end point doesn't support models with decoupled transaction policy; use generate or"
                            + " generate_stream");
        }
        long jsonBytes = InferBody.jsonBytes(http.getHeader(JSON_BYTES), body.bytes());
        ContentCoding coding = ContentCoding.accepted(http.getHeader("Accept-Encoding"));
        InferBody parts = new InferBody(body, target, memory);
        // Without the header an empty body is an empty request, not raw data.
        boolean raw = jsonBytes == 0 && http.getHeader(JSON_BYTES) != null;
        AskedInference asked = raw
                ? parts.readRaw(ModelInputs.of(server.modelMetadata(target.model(), target.version()), json.mapper()))
                : parts.read(Math.toIntExact(jsonBytes), json);
        try {
            exchanges.start(server, asked.request(), body, async, new InferForm(asked, coding));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            asked.close();
            throw e;
        }
    }
}
