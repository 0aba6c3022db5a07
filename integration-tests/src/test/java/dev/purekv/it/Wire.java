package dev.purekv.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A connection's way through this process, where it can be cut as no client library does it. */
final class Wire implements AutoCloseable {
    private final ServerSocket entry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Socket server;
    private volatile Socket client;

    /** @param port of the server */
    Wire(int port) throws IOException {
        server = new Socket(InetAddress.getLoopbackAddress(), port);
        thread(() -> {
            client = entry.accept();
            thread(() -> pass(server, client));
            pass(client, server);
        });
    }

    /** One side of the wire. */
    private interface Work {
        void run() throws IOException;
    }

    private static void thread(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException cut) {
                        // That is what a wire is for here.
                    }
                },
                "wire");
        thread.setDaemon(true);
        thread.start();
    }

    private static void pass(Socket from, Socket to) throws IOException {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        in.transferTo(out);
    }

    int port() {
        return entry.getLocalPort();
    }

    /** Resets the server's connection, as the machine of a process that fails does with bytes that nobody has read. */
    void reset() throws IOException {
        server.setSoLinger(true, 0);
        server.close();
    }

    @Override
    public void close() {
        try {
            entry.close();
            server.close();
            if (client != null) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
