package dev.purekv.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** A console whose people and history are in a PostgreSQL server in another container. */
@ExtendWith(NeedsDocker.class)
class StoreContainerIT {
    private static final String IMAGE = "purekv-store:under-test";
    private static final String HISTORY = "/models/moving-digits/history";

    private static Network network;
    private static GenericContainer<?> store;
    private static ServerContainer server;
    private static ConsoleClient admin;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        TestImage.derive(IMAGE, "store", System.getenv("PUREKV_IMAGE_BASE"));
        network = Network.newNetwork();
        store = new GenericContainer<>(IMAGE)
                .withNetwork(network)
                .withNetworkAliases("store")
                .waitingFor(Wait.forLogMessage(".*ready to accept connections.*", 1));
        store.start();
        server = console();
        server.start();
        admin = server.firstLogin();
    }

    @AfterAll
    static void stop() {
        server.close();
        store.close();
        network.close();
        TestImage.remove(IMAGE);
    }

    private static ServerContainer console() {
        return new ServerContainer()
                .withNetwork(network)
                .withEnv("SPRING_DATASOURCE_URL", "jdbc:postgresql://store/console")
                .withEnv("SPRING_DATASOURCE_USERNAME", "console")
                .withEnv("SPRING_DATASOURCE_PASSWORD", "console");
    }

    /** Nothing is on the containers' own volumes: each has another. */
    @Test
    void anotherContainerFindsPeopleAndHistoryThere() throws Exception {
        admin.post("/people", "name", "vera", "role", "viewer");
        assertThat(admin.get(HISTORY).body()).contains(">found<");
        server.crash();
        server.close();

        server = console();
        server.start();

        assertThat(server.getLogs()).doesNotContain("Console login:");
        admin = server.visitor().logIn("admin");
        assertThat(admin.get("/people").body()).contains("vera");
        String history = admin.get(HISTORY).body();
        assertThat(history.split(">found<")).as("noted once").hasSize(2);
        assertThat(admin.get("/audit?action=login&since=2020-01-01").body()).contains("admin");
    }

    @Test
    void whileTheNetworkIsCutPagesSaySoAndAnswersGoOn() throws Exception {
        admin = server.visitor().logIn("admin");
        Cable cable = new Cable(store, network, "store");
        cable.cut();
        try {
            assertThat(server.ask()).isEqualTo(ServerContainer.ANSWER);
            says(admin.get("/models"));
            assertThat(server.visitor().get("/login").statusCode()).isEqualTo(200);
            says(server.visitor().tryLogin("admin", ConsoleClient.PASSWORD));
            assertThat(server.get("/v2/health/ready").statusCode()).isEqualTo(200);
            assertThat(server.ask(Map.of("compression_ratio", 2))
                            .path("text_output")
                            .asString())
                    .isNotEmpty();
        } finally {
            cable.plug();
        }
        // Nobody has to log in again.
        admin.await(HISTORY, Pattern.compile(">found<"));
        server.visitor().logIn("admin");
    }

    private static void says(HttpResponse<String> page) {
        assertThat(page.statusCode()).as(page.body()).isEqualTo(503);
        assertThat(page.body()).contains("The console's database does not answer");
    }
}
