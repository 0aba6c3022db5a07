package dev.purekv.console.history;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.config.ConfigFiles;
import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Revision.Origin;
import dev.purekv.console.history.Revision.Outcome;
import dev.purekv.console.models.LoadJobs;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.stereotype.Component;

/**
 * Changes the configuration of models: writes the file, loads the model, and takes the file back where it does not load. The
 * files stay the truth; the history follows them, and notices what others wrote.
 */
@Component
public final class Configurations implements InitializingBean {
    /** The history keeps whole files. */
    private static final int LONGEST_FILE = 100_000;

    private static final String CUT_OFF = "the store could not be written when the load ended; ";

    private final ConfigFiles files;
    private final History history;
    private final LoadJobs jobs;
    private final Audit audit;

    Configurations(ConfigFiles files, History history, LoadJobs jobs, Audit audit) {
        this.files = files;
        this.history = history;
        this.jobs = jobs;
        this.audit = audit;
    }

    /** Says of each change that a stop or a kill cut off how far it came: the file tells. */
    @Override
    public synchronized void afterPropertiesSet() {
        for (Revision cut : history.loading()) {
            settle(
                    cut,
                    "the server stopped before config.pbtxt was written",
                    "the server stopped meanwhile; its next start loaded what the file said");
        }
    }

    private void settle(Revision cut, String ifBefore, String ifAfter) {
        if (isBefore(cut)) {
            history.finish(cut.id(), Outcome.TAKEN_BACK, ifBefore);
        } else {
            history.finish(cut.id(), Outcome.UNKNOWN, ifAfter);
        }
    }

    private boolean isBefore(Revision cut) {
        try {
            String now = files.read(cut.model()).hash();
            return now.equals(cut.before().hash()) && !now.equals(cut.after().hash());
        } catch (ServingException gone) {
            return false;
        }
    }

    /**
     * What a person wants of a model.
     *
     * @param seen the {@link ConfigText#hash} of the file that they looked at
     * @param reason why; may be empty
     */
    public record Wish(String model, String seen, ConfigText wanted, String actor, String reason) {}

    /** @return the file as it is now; a state that the history does not know is noted */
    public synchronized ConfigText look(String model) {
        ConfigText now = files.read(model);
        if (now.text().length() > LONGEST_FILE) {
            throw ServingException.invalid(
                    "config.pbtxt of %s: longer than %d characters; the console changes no such file",
                    model, LONGEST_FILE);
        }
        Revision latest = history.latest(model).orElse(null);
        if (latest != null && latest.outcome() == Outcome.LOADING && !jobs.isBusy(model)) {
            settle(latest, CUT_OFF + "config.pbtxt is as before", CUT_OFF + "config.pbtxt says what was wished");
            latest = history.latest(model).orElseThrow();
        }
        if (latest == null) {
            history.add(model, "", Origin.FOUND, "", new ConfigText(""), now);
        } else if (latest.outcome() != Outcome.LOADING && !stands(latest).hash().equals(now.hash())) {
            history.add(model, "", Origin.BY_HAND, "", stands(latest), now);
        }
        return now;
    }

    /** @return the newest first */
    List<Revision> of(String model) {
        look(model);
        return history.of(model);
    }

    /** @return the newest revision of a model, its file looked at */
    public Revision latest(String model) {
        look(model);
        return history.latest(model).orElseThrow();
    }

    /**
     * Writes a new file and begins to load it.
     *
     * @throws Conflict where the file changed since it was seen; nothing changes
     * @throws ServingException OUT_OF_CAPACITY while the model is being loaded or unloaded; nothing changes
     */
    public synchronized void tune(Wish wish) {
        change(wish, Origin.TUNED);
    }

    /**
     * Makes an earlier state the present one; otherwise as {@link #tune}.
     *
     * @throws ServingException NOT_FOUND for a revision that is none of this model
     */
    synchronized void restore(String model, long id, String seen, String actor, String reason) {
        Revision earlier = history.find(model, id)
                .orElseThrow(() -> ServingException.notFound("%s has no revision %d", model, id));
        change(new Wish(model, seen, earlier.after(), actor, reason), Origin.RESTORED);
    }

    private void change(Wish wish, Origin origin) {
        ConfigText before = look(wish.model());
        if (!before.hash().equals(wish.seen())) {
            throw new Conflict(whoWasFaster(wish.model()));
        }
        jobs.requireIdle(wish.model());
        // Noted first: after a kill in between, the file alone would look like an edit by hand.
        long id = history.add(wish.model(), wish.actor(), origin, wish.reason(), before, wish.wanted());
        write(wish, id);
        String what = Revision.differences(before.parameters(), wish.wanted().parameters()).stream()
                .map(each -> each.name() + ": " + shown(each.before()) + " -> " + shown(each.after()))
                .collect(Collectors.joining("; "));
        try {
            audit.doneBy(wish.actor(), origin == Origin.TUNED ? "tune" : "restore", wish.model(), what);
        } finally { // the file is written
            jobs.load(wish.model(), wish.actor(), failure -> finish(id, wish, before, failure));
        }
    }

    private void write(Wish wish, long id) {
        boolean written = false;
        try {
            written = files.replace(wish.model(), wish.seen(), wish.wanted());
        } finally {
            if (!written) {
                history.forget(id);
            }
        }
        if (!written) {
            throw new Conflict("the file changed in this moment");
        }
    }

    private synchronized void finish(long id, Wish wish, ConfigText before, String failure) {
        if (failure == null) {
            history.finish(id, Outcome.SERVES, "");
        } else if (files.replace(wish.model(), wish.wanted().hash(), before)) {
            history.finish(id, Outcome.TAKEN_BACK, failure);
        } else {
            history.finish(
                    id, Outcome.UNKNOWN, failure + " (the file had been edited by hand meanwhile, and was left)");
        }
    }

    private String whoWasFaster(String model) {
        Revision latest = history.latest(model).orElseThrow();
        String when = latest.madeAt().truncatedTo(ChronoUnit.SECONDS).toString();
        return latest.origin() == Origin.BY_HAND
                ? "somebody edited config.pbtxt by hand; noticed at " + when
                : latest.actor() + " changed it at " + when
                        + (latest.reason().isEmpty() ? "" : ", because: " + latest.reason());
    }

    /** @return the file that a revision left behind */
    private static ConfigText stands(Revision revision) {
        return revision.outcome() == Outcome.TAKEN_BACK ? revision.before() : revision.after();
    }

    private static String shown(String value) {
        return value.isEmpty() ? "default" : value;
    }
}
