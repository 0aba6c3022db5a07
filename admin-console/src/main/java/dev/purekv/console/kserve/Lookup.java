package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.InferenceServer;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Answers requests that only want to know. */
@Component
final class Lookup {
    private final InferenceServer server;
    private final SharedMemoryPaths sharedMemory;
    private final SettingsPaths settings;

    Lookup(InferenceServer server, SharedMemoryPaths sharedMemory, SettingsPaths settings) {
        this.server = server;
        this.sharedMemory = sharedMemory;
        this.settings = settings;
    }

    /** @throws RuntimeException when the request is refused; the caller answers then */
    void answer(Target target, HttpServletResponse response) throws IOException {
        switch (target.operation()) {
            case LIVE -> Replies.empty(response, server.live() ? 200 : 400);
            case READY -> Replies.empty(response, server.ready() ? 200 : 400);
            case MODEL_READY -> {
                if (!server.modelReady(target.model(), target.version())) {
                    throw Refusal.invalid("Model version not ready");
                }
                Replies.empty(response, 200);
            }
            case SERVER_METADATA -> Replies.json(response, server.metadata());
            case MODEL_METADATA -> Replies.json(response, server.modelMetadata(target.model(), target.version()));
            case MODEL_CONFIG -> Replies.json(response, server.modelConfig(target.model(), target.version()));
            case LOG -> Replies.json(response, settings.log());
            case TRACE -> Replies.json(response, settings.trace(target.model()));
            case SHARED_STATUS, CUDA_STATUS -> Replies.json(response, sharedMemory.status(target));
            default -> Replies.json(response, server.statistics(target.model(), target.version()));
        }
    }
}
