package dev.purekv.console.doors;

import dev.purekv.console.grpc.GrpcDoor;
import dev.purekv.console.settings.PureKvSettings;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says in one line what runs and where, once it does. */
@Component
final class Announcement {
    private static final Logger LOG = LoggerFactory.getLogger("dev.purekv");

    private final Doors doors;
    private final GrpcDoor grpc;
    private final PureKvSettings settings;

    Announcement(Doors doors, GrpcDoor grpc, PureKvSettings settings) {
        this.doors = doors;
        this.grpc = grpc;
        this.settings = settings;
    }

    @EventListener
    void ready(ApplicationReadyEvent event) {
        String version = getClass().getPackage().getImplementationVersion();
        LOG.info(
                "PureKV {} ready in {} s: http {}, grpc {}, metrics {}, console {} on {}, repository {}",
                version == null ? "(unpackaged)" : version,
                String.format(Locale.ROOT, "%.1f", event.getTimeTaken().toMillis() / 1000.0),
                doors.port(Door.KSERVE),
                grpc.port(),
                doors.port(Door.METRICS),
                doors.port(Door.CONSOLE),
                settings.bindAddress(),
                settings.modelRepository().toAbsolutePath().normalize());
    }
}
