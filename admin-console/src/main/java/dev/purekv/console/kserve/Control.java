package dev.purekv.console.kserve;

import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.exchange.ChunkStream;
import dev.purekv.console.keys.Access;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;

/** Requests with a body that change the server instead of asking a model. */
@Component
final class Control {
    private final Repository repository;
    private final SharedMemoryPaths sharedMemory;
    private final SettingsPaths settings;
    private final Access access;

    Control(Repository repository, SharedMemoryPaths sharedMemory, SettingsPaths settings, Access access) {
        this.repository = repository;
        this.sharedMemory = sharedMemory;
        this.settings = settings;
        this.access = access;
    }

    /** @throws RuntimeException when the request is refused; the caller answers then */
    void begin(Target target, ChunkStream body, AsyncContext async) throws IOException {
        Program who = access.program(((HttpServletRequest) async.getRequest()).getHeader("Authorization"));
        switch (target.operation()) {
            case INDEX, LOAD, UNLOAD -> repository.begin(target, body, async, who);
            case CHANGE_LOG -> answer(async, settings.changeLog(body, who));
            case CHANGE_TRACE -> answer(async, settings.changeTrace(target.model(), body, who));
            default -> {
                sharedMemory.change(target, body);
                Replies.empty((HttpServletResponse) async.getResponse(), 200);
                async.complete();
            }
        }
    }

    private static void answer(AsyncContext async, String json) throws IOException {
        Replies.json((HttpServletResponse) async.getResponse(), json);
        async.complete();
    }
}
