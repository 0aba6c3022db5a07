package dev.purekv.console.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A listening socket that closes what is connected above a number. grpc-java bounds calls, not connections. */
final class BoundedListener extends NioServerSocketChannel {
    private final int mostConnections;
    private final AtomicInteger open = new AtomicInteger();

    BoundedListener(int mostConnections) {
        this.mostConnections = mostConnections;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int count = super.doReadMessages(accepted);
        if (accepted.size() == before) {
            return count;
        }
        Channel connection = (Channel) accepted.get(accepted.size() - 1);
        if (open.incrementAndGet() > mostConnections) {
            open.decrementAndGet();
            accepted.remove(accepted.size() - 1);
            connection.unsafe().closeForcibly();
            return 0;
        }
        connection.closeFuture().addListener(closed -> open.decrementAndGet());
        return count;
    }
}
