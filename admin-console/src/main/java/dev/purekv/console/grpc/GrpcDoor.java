package dev.purekv.console.grpc;

import dev.purekv.console.encryption.Encryption;
import dev.purekv.console.keys.KeyInterceptor;
import dev.purekv.console.settings.PortTaken;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceServer;
import io.grpc.BindableService;
import io.grpc.DecompressorRegistry;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Opens the gRPC port before the other doors and closes it with them: who finds the server ready over HTTP finds this door
 * open, and a stop that comes just then finds nothing half done.
 */
@Component
public final class GrpcDoor implements SmartLifecycle, InitializingBean, DisposableBean {
    private final PureKvSettings settings;
    private final InferenceServer inferenceServer;
    private final InferenceService inferenceService;
    private final RunningCalls running;
    private final GrpcThreads threads;
    private final Transport transport;
    private final MessageBudget budget;
    private Server opened;
    private final KeyInterceptor keys;
    private final Encryption encryption;
    private volatile Server server;

    GrpcDoor(
            PureKvSettings settings,
            InferenceServer inferenceServer,
            InferenceService inferenceService,
            RunningCalls running,
            GrpcThreads threads,
            Transport transport,
            KeyInterceptor keys,
            Encryption encryption) {
        this.settings = settings;
        this.inferenceServer = inferenceServer;
        this.inferenceService = inferenceService;
        this.running = running;
        this.threads = threads;
        this.transport = transport;
        this.keys = keys;
        this.encryption = encryption;
        // A message is there up to three times: itself, its tensors, and those in native memory. So all together may be
        // an eighth of the heap, and a single one no more.
        this.budget = new MessageBudget(Runtime.getRuntime().maxMemory() / 8);
    }

    /** @return the port that it listens on, or -1 while it does not */
    public int port() {
        Server listening = server;
        return listening == null ? -1 : listening.getPort();
    }

    @Override
    public void afterPropertiesSet() {
        int port = settings.grpc().port();
        try {
            NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(settings.address(), port));
            encryption.apply(builder);
            opened = transport
                    .limited(builder, budget.limitBytes())
                    .intercept(keys)
                    .executor(threads.calls())
                    .addStreamTracerFactory(InboundBytes.factory(budget))
                    .decompressorRegistry(
                            DecompressorRegistry.getDefaultInstance().with(new Deflate(), true))
                    .addService(TolerantParsing.of(inferenceService.bindService()))
                    .addService(new HealthService(inferenceServer))
                    .addService(ProtoReflectionServiceV1.newInstance())
                    .addService(olderReflection())
                    .build()
                    .start();
            server = opened;
        } catch (IOException e) {
            throw PortTaken.of("purekv.grpc.port", port);
        }
    }

    /** That of clients which know v1alpha alone, such as Python's. */
    @SuppressWarnings("deprecation")
    private static BindableService olderReflection() {
        return io.grpc.protobuf.services.ProtoReflectionService.newInstance();
    }

    @Override
    public void start() {
        // It is open already.
    }

    /** Waits beside the HTTP doors for what runs, which whoever stops the context bounds. */
    @Override
    public void stop(Runnable stopped) {
        Server listening = server;
        server = null;
        Thread waiting = new Thread(
                () -> {
                    drain(listening);
                    stopped.run();
                },
                "grpc-drain");
        waiting.setDaemon(true);
        waiting.start();
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    private void drain(Server listening) {
        listening.shutdown();
        running.drain();
        try {
            listening.awaitTermination(settings.drainSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public int getPhase() {
        return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE;
    }

    /** After what ran on was cancelled, and could say so. */
    @Override
    public void destroy() {
        if (opened != null) {
            opened.shutdownNow();
        }
    }

    @Override
    public boolean isRunning() {
        return server != null;
    }

    /** Bytes of messages that are held now. */
    long heldBytes() {
        return budget.heldBytes();
    }
}
