package dev.purekv.console.doors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.coyote.Processor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Refuses a request whose line and headers take too long, however steadily they trickle: each byte of them sets Tomcat's own
 * clock back, which knows silence alone. A body has its own deadline, and a connection may rest between requests.
 */
final class HeadDeadline implements Handler<NioChannel> {
    private final Handler<NioChannel> tomcat;
    private final Duration patience;
    private final Map<SocketWrapperBase<NioChannel>, Long> begun = new ConcurrentHashMap<>(); // of System.nanoTime

    HeadDeadline(Handler<NioChannel> tomcat, Duration patience) {
        this.tomcat = tomcat;
        this.patience = patience;
    }

    /** Called whenever something has come, by one thread at a time for each connection. */
    @Override
    public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent event) {
        SocketState state = tomcat.process(socket, event);
        if (!readsHead(socket, state)) {
            begun.remove(socket);
            return state;
        }
        long now = System.nanoTime();
        Long since = begun.putIfAbsent(socket, now);
        if (since == null || now - since <= patience.toNanos()) {
            return state;
        }
        begun.remove(socket);
        refuse(socket);
        return SocketState.CLOSED;
    }

    /** Tomcat keeps the object of a request that has begun, and of one that is being answered on other threads. */
    private static boolean readsHead(SocketWrapperBase<NioChannel> socket, SocketState state) {
        return state == SocketState.LONG
                && socket.getCurrentProcessor() instanceof Processor processor
                && !processor.isAsync();
    }

    private void refuse(SocketWrapperBase<NioChannel> socket) {
        String body = "{\"error\":\"the request's line and headers did not arrive within " + patience.toMillis()
                + " ms; send them faster, or raise purekv.http.head-timeout\"}";
        byte[] answer = ("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        try {
            socket.write(false, answer, 0, answer.length);
            socket.flush(false);
        } catch (IOException gone) {
            // It is closed either way.
        }
    }

    @Override
    public Object getGlobal() {
        return tomcat.getGlobal();
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> socket) {
        begun.remove(socket);
        tomcat.release(socket);
    }

    @Override
    public void pause() {
        tomcat.pause();
    }

    @Override
    public void recycle() {
        tomcat.recycle();
    }
}
