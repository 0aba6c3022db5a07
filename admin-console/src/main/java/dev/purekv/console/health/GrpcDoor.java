package dev.purekv.console.health;

import dev.purekv.console.settings.PortTaken;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceServer;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Opens the gRPC port with the other doors and closes it before them. */
@Component
public final class GrpcDoor implements SmartLifecycle {
    private final PureKvSettings settings;
    private final InferenceServer inferenceServer;
    private volatile Server server;

    GrpcDoor(PureKvSettings settings, InferenceServer inferenceServer) {
        this.settings = settings;
        this.inferenceServer = inferenceServer;
    }

    /** @return the port that it listens on, or -1 while it does not */
    public int port() {
        Server running = server;
        return running == null ? -1 : running.getPort();
    }

    @Override
    public void start() {
        int port = settings.grpc().port();
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(settings.address(), port))
                    .addService(new HealthService(inferenceServer))
                    .build()
                    .start();
        } catch (IOException e) {
            throw PortTaken.of("purekv.grpc.port", port);
        }
    }

    @Override
    public void stop() {
        Server running = server;
        if (running == null) {
            return;
        }
        server = null;
        try {
            if (!running.shutdown().awaitTermination(1, TimeUnit.SECONDS)) {
                running.shutdownNow();
            }
        } catch (InterruptedException e) {
            running.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }
}
