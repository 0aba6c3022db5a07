package dev.purekv.console.doors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.coyote.AbstractProcessor;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;

/**
 * Refuses a request whose line and headers take too long, however steadily they trickle: each byte of them sets Tomcat's own
 * clock back, which knows silence alone. So does each byte of a TLS handshake. A body has its own deadline, and a connection may
 * rest between requests.
 */
final class HeadDeadline implements Handler<NioChannel> {
    private final Handler<NioChannel> tomcat;
    private final Duration patience;
    private final Map<SocketWrapperBase<NioChannel>, Long> handshakes =
            new ConcurrentHashMap<>(); // System.nanoTime of the first byte

    HeadDeadline(Handler<NioChannel> tomcat, Duration patience) {
        this.tomcat = tomcat;
        this.patience = patience;
    }

    /** Called whenever something has come that is no part of a handshake, by one thread at a time for each connection. */
    @Override
    public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent event) {
        handshakes.remove(socket);
        SocketState state = tomcat.process(socket, event);
        if (!isLate(socket, state)) {
            return state;
        }
        refuse(socket);
        return SocketState.CLOSED;
    }

    /** Whether a head has begun, and is late: Tomcat keeps the object of a request that has, and of one that is being answered. */
    private boolean isLate(SocketWrapperBase<NioChannel> socket, SocketState state) {
        if (state != SocketState.LONG
                || !(socket.getCurrentProcessor() instanceof AbstractProcessor processor)
                || processor.isAsync()) {
            return false;
        }
        long begun = processor.getRequest().getStartTimeNanos(); // of its first byte; below 0 before
        return begun >= 0 && late(begun);
    }

    private boolean late(long begun) {
        return System.nanoTime() - begun > patience.toNanos();
    }

    /** Called whenever something has come of a handshake; {@link #release} ends one as well. */
    boolean handshakeInTime(SocketWrapperBase<NioChannel> socket) {
        Long begun = handshakes.putIfAbsent(socket, System.nanoTime());
        return begun == null || !late(begun);
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
        handshakes.remove(socket);
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
