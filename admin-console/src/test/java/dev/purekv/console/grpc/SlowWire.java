package dev.purekv.console.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** The way of one connection to a port of this machine, which lets so many bytes back to the client and then pauses. */
final class SlowWire implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket server;
    private final int bytes;
    private final long pauseMillis;

    SlowWire(int port, int bytes, long pauseMillis) throws IOException {
        this.server = new Socket(InetAddress.getLoopbackAddress(), port);
        this.bytes = bytes;
        this.pauseMillis = pauseMillis;
        thread(this::serve);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Something that ends when a socket is closed. */
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // As it should be at the end.
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "slow-wire");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() throws IOException, InterruptedException {
        try (Socket client = listening.accept()) {
            thread(() -> client.getInputStream().transferTo(server.getOutputStream()));
            InputStream in = server.getInputStream();
            OutputStream out = client.getOutputStream();
            byte[] piece = new byte[bytes];
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                out.write(piece, 0, count);
                if (count > 1000) { // an answer, not what keeps the connection going
                    TimeUnit.MILLISECONDS.sleep(pauseMillis * count / bytes);
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        server.close();
    }
}
