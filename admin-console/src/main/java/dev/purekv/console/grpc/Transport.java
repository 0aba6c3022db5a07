package dev.purekv.console.grpc;

import dev.purekv.console.encryption.Encryption;
import dev.purekv.console.settings.PureKvSettings;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** The connections of the door: their threads, and what a client can make them do without a call that anyone looks at. */
@Component
final class Transport implements DisposableBean {
    private static final int HANDSHAKE_SECONDS = 10;

    private final PureKvSettings.Grpc limits;
    private final boolean encrypted;
    private final MessageDeadline deadline;
    private final EventLoopGroup acceptor = group(1, "grpc-accept");
    private final EventLoopGroup connections = group(0, "grpc-io");

    Transport(PureKvSettings settings, Encryption encryption, MessageDeadline deadline) {
        this.limits = settings.grpc();
        this.encrypted = encryption.on();
        this.deadline = deadline;
    }

    /** @param threads 0 for the transport's own choice */
    private static EventLoopGroup group(int threads, String name) {
        return new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory(name, true), NioIoHandler.newFactory());
    }

    /** @param mostBytes of a message, where that is less than the setting */
    NettyServerBuilder limited(NettyServerBuilder builder, long mostBytes) {
        return builder.channelFactory(() -> new BoundedListener(limits.maxConnections(), encrypted))
                .bossEventLoopGroup(acceptor)
                .workerEventLoopGroup(connections)
                .handshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS)
                // Finds clients whose machine is gone, and that can therefore not say so.
                .keepAliveTime(limits.keepAliveTime().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .intercept(deadline)
                .maxInboundMessageSize((int) Math.min(limits.maxMessageBytes().toBytes(), mostBytes))
                .maxInboundMetadataSize((int) limits.maxMetadataBytes().toBytes())
                .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
                .maxRstFramesPerWindow(limits.maxResetsPerSecond(), 1)
                .permitKeepAliveTime(limits.minPingInterval().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveWithoutCalls(true);
    }

    @Override
    public void destroy() {
        acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        connections.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
