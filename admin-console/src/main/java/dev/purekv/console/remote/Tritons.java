package dev.purekv.console.remote;

import dev.purekv.server.InferenceServer;
import dev.purekv.server.ModelControl;
import dev.purekv.server.ServerException;
import java.net.http.HttpClient;
import java.time.Duration;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Leads to the server of an endpoint: this process's own, or one behind HTTP. */
@Component
final class Tritons {
    private static final Duration CONNECT = Duration.ofSeconds(3);

    private final InferenceServer here;
    private final JsonMapper json;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();

    Tritons(InferenceServer here, JsonMapper json) {
        this.here = here;
        this.json = json;
    }

    /** @throws ServerException UNAVAILABLE where the endpoint's key cannot be read any more */
    ModelControl of(Endpoint endpoint) {
        if (endpoint.address().isHere()) {
            return here;
        }
        if (endpoint.key() == null) {
            throw new ServerException(
                    ServerException.Status.UNAVAILABLE,
                    "its API key cannot be read: the state directory's secrets.key is not the one that it was stored with;"
                            + " give it again on the endpoint's page");
        }
        return new RemoteTriton(client, json, endpoint.address(), endpoint.key());
    }
}
