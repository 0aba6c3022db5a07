package dev.purekv.it;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;

/** The console's database in a process of its own, on the loopback address, so that it can die without the server. */
final class StoreProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    StoreProcess(Path folder) throws IOException, InterruptedException {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Dh2.bindAddress=127.0.0.1",
                        "-Dloader.main=org.h2.tools.Server",
                        "-cp",
                        "admin-console/target/admin-console.jar",
                        "org.springframework.boot.loader.launch.PropertiesLauncher",
                        "-tcp",
                        "-tcpPort",
                        Integer.toString(port),
                        "-baseDir",
                        folder.toString(),
                        "-ifNotExists")
                .inheritIO()
                .start();
        for (int i = 0; i < 300 && !listens(); i++) {
            Thread.sleep(100);
        }
    }

    private boolean listens() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the database did not start: exit " + process.exitValue());
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** @return arguments of a server that keeps its people and history there */
    List<String> settings() {
        return List.of(
                "--spring.datasource.url=jdbc:h2:tcp://127.0.0.1:" + port + "/console",
                "--spring.datasource.username=console",
                "--spring.datasource.password=");
    }

    /** At once, as a machine that fails. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
