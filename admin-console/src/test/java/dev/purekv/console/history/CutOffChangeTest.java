package dev.purekv.console.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Revision.Origin;
import dev.purekv.console.history.Revision.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the history says after a kill in the middle of a change. */
class CutOffChangeTest {
    private static final ConfigText OLD = new ConfigText("backend: \"purekv\"\n");
    private static final ConfigText NEW = new ConfigText("backend: \"purekv\" # new\n");

    @TempDir
    Path repository;

    private Path file;

    @BeforeEach
    void makeModel() throws IOException {
        file = Files.createDirectories(repository.resolve("fake")).resolve("config.pbtxt");
    }

    @Test
    void aFileThatWasNotWrittenYetIsNoEditByHand() throws IOException {
        Files.writeString(file, OLD.text());
        List<Revision> told = afterAKill();
        assertThat(told).extracting(Revision::outcome).containsExactly(Outcome.TAKEN_BACK, Outcome.UNKNOWN);
        assertThat(told.get(0).failure()).contains("before config.pbtxt was written");
    }

    @Test
    void aFileThatWasWrittenButNotLoadedIsThePresentState() throws IOException {
        Files.writeString(file, NEW.text());
        List<Revision> told = afterAKill();
        assertThat(told).extracting(Revision::origin).containsExactly(Origin.TUNED, Origin.FOUND);
        assertThat(told.get(0).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(told.get(0).failure()).contains("its next start loaded what the file said");
    }

    @Test
    void aModelThatIsGoneKeepsItsHistory() throws IOException {
        Files.delete(repository.resolve("fake"));
        try (RunningConsole console = RunningConsole.start("purekv.model-repository=" + repository)) {
            kill(console);
            assertThat(console.bean(History.class).of("fake").get(0).outcome()).isEqualTo(Outcome.UNKNOWN);
        }
    }

    /** @return the newest first */
    private List<Revision> afterAKill() {
        try (RunningConsole console = RunningConsole.start("purekv.model-repository=" + repository)) {
            kill(console);
            return console.bean(Configurations.class).of("fake");
        }
    }

    /** The rows as a kill leaves them, and what the next start does first. */
    private static void kill(RunningConsole console) {
        History history = console.bean(History.class);
        history.add("fake", "", Origin.FOUND, "", new ConfigText(""), OLD);
        history.add("fake", "ann", Origin.TUNED, "why", OLD, NEW);
        console.bean(Configurations.class).afterPropertiesSet();
    }
}
