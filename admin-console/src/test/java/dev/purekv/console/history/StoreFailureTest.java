package dev.purekv.console.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Configurations.Wish;
import dev.purekv.console.history.Revision.Origin;
import dev.purekv.console.history.Revision.Outcome;
import dev.purekv.console.models.LoadJobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What becomes of a change when the console's store fails in the middle of it. */
class StoreFailureTest {
    private static final ConfigText OLD = new ConfigText("backend: \"purekv\"\n");
    private static final ConfigText NEW = new ConfigText("backend: \"purekv\" # new\n");

    @TempDir
    Path repository;

    private Path file;
    private RunningConsole console;
    private Configurations configurations;

    @BeforeEach
    void start() throws IOException {
        file = Files.createDirectories(repository.resolve("fake")).resolve("config.pbtxt");
        Files.writeString(file, OLD.text());
        console = RunningConsole.start("purekv.model-repository=" + repository);
        configurations = console.bean(Configurations.class);
        configurations.look("fake");
    }

    @AfterEach
    void stop() {
        console.close();
    }

    private void change(String sql) {
        console.bean(JdbcClient.class).sql(sql).update();
    }

    private void awaitIdle() {
        Awaitility.await().until(() -> !console.bean(LoadJobs.class).isBusy("fake"));
    }

    @Test
    void aFileThatIsWrittenIsLoadedAlthoughTheAuditLogCannotBe() throws IOException {
        change("alter table audit rename to elsewhere");

        assertThatThrownBy(() -> configurations.tune(new Wish("fake", OLD.hash(), NEW, "ann", "why")))
                .isInstanceOf(DataAccessException.class);

        awaitIdle();
        assertThat(Files.readString(file)).isEqualTo(NEW.text());
        assertThat(console.server.control).anyMatch(each -> each.startsWith("load fake"));
        assertThat(configurations.latest("fake").outcome()).isEqualTo(Outcome.SERVES);
    }

    @Test
    void aLoadWhoseEndCannotBeNotedIsOver() {
        console.bean(LoadJobs.class).load("fake", "ann", failure -> {
            throw new IllegalStateException("the store is away");
        });
        awaitIdle();
        assertThat(console.bean(LoadJobs.class).latest("fake").failed()).isFalse();
    }

    @Test
    void aChangeWhoseEndWasNotNotedIsSettledByTheFile() throws IOException {
        console.bean(History.class).add("fake", "ann", Origin.TUNED, "why", OLD, NEW);
        Files.writeString(file, NEW.text());

        Revision latest = configurations.latest("fake");
        assertThat(latest.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(latest.failure()).contains("could not be written", "what was wished");

        Files.writeString(file, OLD.text());
        assertThat(configurations.latest("fake").origin()).isEqualTo(Origin.BY_HAND);
    }
}
