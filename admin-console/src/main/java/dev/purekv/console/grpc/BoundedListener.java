package dev.purekv.console.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A listening socket that turns away what is connected above a number. grpc-java bounds calls, not connections.
 *
 * <p>All but the count happens on the listener's own thread.
 */
final class BoundedListener extends NioServerSocketChannel {
    private static final int FAREWELLS = 64;
    private static final long LINGER_MILLIS = 1000;

    private final int mostConnections;
    private final boolean encrypted;
    private final Farewell farewell;
    private final AtomicInteger open = new AtomicInteger();
    private int farewells;

    /** @param encrypted clients wait for a handshake then, and would not understand any word */
    BoundedListener(int mostConnections, boolean encrypted) {
        this.mostConnections = mostConnections;
        this.encrypted = encrypted;
        this.farewell = new Farewell("all " + mostConnections
                + " connections that purekv.grpc.max-connections allows are open; try again later");
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        if (open.get() >= mostConnections) {
            SocketChannel connection = javaChannel().accept();
            if (connection != null) {
                turnAway(connection);
            }
            return 0;
        }
        int before = accepted.size();
        int count = super.doReadMessages(accepted);
        if (accepted.size() > before) {
            open.incrementAndGet();
            Channel connection = (Channel) accepted.get(accepted.size() - 1);
            connection.closeFuture().addListener(closed -> open.decrementAndGet());
        }
        return count;
    }

    private void turnAway(SocketChannel connection) throws IOException {
        if (encrypted || farewells == FAREWELLS || !farewell.say(connection)) {
            connection.close();
            return;
        }
        farewells++;
        // Closed at once, the connection would be reset by what the client sends, and the word be lost with it.
        eventLoop()
                .schedule(
                        () -> {
                            farewells--;
                            Farewell.end(connection);
                        },
                        LINGER_MILLIS,
                        TimeUnit.MILLISECONDS);
    }
}
