package dev.purekv.console.openai;

import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.console.exchange.RequestJson;
import dev.purekv.console.exchange.RunningExchanges;
import dev.purekv.server.InferenceServer;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.util.List;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Starts inferences for both kinds of completion. */
@Component
final class Completions {
    private final InferenceServer server;
    private final RequestJson json;
    private final RunningExchanges exchanges;
    private final LanguageModels models;
    private final MediaFetch media;

    Completions(
            InferenceServer server,
            RequestJson json,
            RunningExchanges exchanges,
            LanguageModels models,
            MediaFetch media) {
        this.server = server;
        this.json = json;
        this.exchanges = exchanges;
        this.models = models;
        this.media = media;
    }

    /** @throws RuntimeException when the request is refused before it starts; the caller answers then */
    void begin(Route.Kind kind, ChunkStream body, AsyncContext async) throws IOException {
        JsonNode request = json.tree(body);
        AskReader reader = new AskReader(json.mapper(), request);
        models.require(reader.model());
        if (kind == Route.Kind.COMPLETION) {
            start(reader.completion(), body, async);
            return;
        }
        Conversation conversation = Conversation.of(request);
        List<Conversation.Address> addresses = conversation.addresses();
        if (addresses.isEmpty()) {
            start(reader.chat(conversation.messages()), body, async);
        } else {
            fetch(conversation, addresses, reader, body, async);
        }
    }

    /** The body counts as held meanwhile, and what is fetched counts with it. */
    private void fetch(
            Conversation conversation,
            List<Conversation.Address> addresses,
            AskReader reader,
            ChunkStream body,
            AsyncContext async) {
        body.held().keep();
        try {
            media.execute(() -> fetchAndStart(conversation, addresses, reader, body, async));
        } catch (RuntimeException noThreadFree) {
            body.held().release();
            throw noThreadFree;
        }
    }

    private void fetchAndStart(
            Conversation conversation,
            List<Conversation.Address> addresses,
            AskReader reader,
            ChunkStream body,
            AsyncContext async) {
        try {
            for (Conversation.Address address : addresses) {
                address.replace(media.dataUri(address.uri(), address.where(), body.held()));
            }
            start(reader.chat(conversation.messages()), body, async);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            body.held().release();
            OpenAiHandler.finish(async, ApiError.of(e));
        }
    }

    private void start(Ask ask, ChunkStream body, AsyncContext async) throws IOException {
        ReplyForm form = ask.stream() ? new StreamReply(json.mapper(), ask) : new WholeReply(json.mapper(), ask);
        exchanges.start(server, ask.request(), body, async, form);
    }
}
