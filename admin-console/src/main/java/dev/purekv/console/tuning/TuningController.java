package dev.purekv.console.tuning;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.config.ConfigText;
import dev.purekv.console.evaluation.Evidence;
import dev.purekv.console.history.Configurations;
import dev.purekv.console.history.Configurations.Wish;
import dev.purekv.console.history.Conflict;
import dev.purekv.console.models.ModelRow;
import dev.purekv.console.models.Models;
import dev.purekv.settings.HeadScores;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.LayerBudgets;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Shows the settings of a model's cache, previews a change, and applies it. */
@Controller
@RequestMapping("/models/{model}/tuning")
class TuningController {
    private final Models models;
    private final ModelShapes shapes;
    private final Configurations configurations;
    private final Evidence evidence;
    private final Audit audit;

    TuningController(Models models, ModelShapes shapes, Configurations configurations, Evidence evidence, Audit audit) {
        this.evidence = evidence;
        this.models = models;
        this.shapes = shapes;
        this.configurations = configurations;
        this.audit = audit;
    }

    /** What is known of a model when its form is shown. */
    private record Tuned(ModelRow row, ConfigText file, ModelShape shape) {}

    /** @param proposed settings of an evaluation, by name, to look at and apply; none for the file's own */
    @GetMapping
    String show(
            @PathVariable String model,
            @RequestParam MultiValueMap<String, String> proposed,
            Model page,
            HttpServletResponse response) {
        Tuned tuned = tuned(model);
        Settings now = Settings.of(tuned.file());
        if (!proposed.containsKey(Field.COMPRESSION_RATIO.key())) {
            return form(tuned, now, page);
        }
        return previewed(tuned, now.evaluated(proposed), page, response);
    }

    @PostMapping("/preview")
    String preview(
            @PathVariable String model,
            @RequestParam String seen,
            @RequestParam MultiValueMap<String, String> form,
            Model page,
            HttpServletResponse response) {
        Tuned tuned = tuned(model);
        if (!tuned.file().hash().equals(seen)) {
            page.addAttribute(
                    "changedMeanwhile", configurations.latest(tuned.row().name()));
        }
        return previewed(tuned, Settings.of(tuned.file()).with(form), page, response);
    }

    private String previewed(Tuned tuned, Settings wanted, Model page, HttpServletResponse response) {
        try {
            page.addAttribute("proposal", proposal(tuned, wanted));
            if (tuned.shape() != null && !wanted.stage()) {
                KvSettings judged = Settings.judge(
                        tuned.file().with(Settings.of(tuned.file()).changesTo(wanted)), tuned.shape());
                evidence.about(tuned.row().name(), judged, tuned.shape().layers())
                        .ifPresent(words -> page.addAttribute("evidence", words));
            }
        } catch (ServingException e) {
            response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
            page.addAttribute("problem", "Nothing was changed: " + e.getMessage() + ".");
        }
        return form(tuned, wanted, page);
    }

    @PostMapping
    String apply(
            @PathVariable String model,
            @RequestParam String seen,
            @RequestParam(defaultValue = "") String reason,
            @RequestParam MultiValueMap<String, String> form,
            Authentication who,
            RedirectAttributes next) {
        Tuned tuned = tuned(model);
        Proposal proposal = proposal(tuned, Settings.of(tuned.file()).with(form));
        next.addAttribute("model", tuned.row().name());
        if (proposal.isEmpty()) {
            next.addFlashAttribute("said", "Everything is set like this already.");
            return "redirect:/models/{model}/tuning";
        }
        try {
            configurations.tune(new Wish(tuned.row().name(), seen, proposal.wanted(), who.getName(), reason.strip()));
        } catch (Conflict e) {
            audit.refused("tune", tuned.row().name(), e.getMessage());
            next.addFlashAttribute(
                    "problem",
                    "Nothing was changed: " + e.getMessage()
                            + ". These are the settings now; make your change on them.");
            return "redirect:/models/{model}/tuning";
        }
        return "redirect:/models/{model}/history";
    }

    private Tuned tuned(String model) {
        ModelRow row = models.one(model);
        ConfigText file = configurations.look(row.name());
        if (!file.text().contains("purekv")) {
            throw new ResponseStatusException(
                    HttpStatus.NOT_FOUND, "This model is none of PureKV's: it has no such settings.");
        }
        Map<String, String> parameters = file.parameters();
        return new Tuned(
                row,
                file,
                shapes.of(row.name(), parameters.getOrDefault("checkpoint", "")).orElse(null));
    }

    private static Proposal proposal(Tuned tuned, Settings wanted) {
        ConfigText changed = tuned.file().with(Settings.of(tuned.file()).changesTo(wanted));
        return Proposal.of(
                tuned.file(),
                changed,
                judged(tuned.file(), tuned.shape()),
                Settings.judge(changed, tuned.shape()),
                tuned.shape());
    }

    private String form(Tuned tuned, Settings settings, Model page) {
        ConfigText asked = tuned.file().with(Settings.of(tuned.file()).changesTo(settings));
        KvSettings drawn = judged(asked, tuned.shape());
        if (drawn == null) {
            drawn = judged(tuned.file(), tuned.shape());
        }
        if (drawn == null) {
            drawn = KvSettings.DEFAULT;
        }
        page.addAttribute("policies", KvPolicy.values());
        page.addAttribute("budgets", LayerBudgets.values());
        page.addAttribute("headScores", HeadScores.values());
        page.addAttribute("model", tuned.row());
        page.addAttribute("seen", tuned.file().hash());
        page.addAttribute("settings", settings);
        page.addAttribute("shape", tuned.shape());
        page.addAttribute("forecast", Forecast.of(drawn, tuned.shape()));
        page.addAttribute(
                "layers",
                tuned.shape() == null
                        ? List.of()
                        : LayerCell.all(drawn, tuned.shape().layers()));
        page.addAttribute("latest", configurations.latest(tuned.row().name()));
        return "tuning";
    }

    /** @return null for a file that is refused */
    private static KvSettings judged(ConfigText file, ModelShape shape) {
        try {
            return Settings.judge(file, shape);
        } catch (ServingException refused) {
            return null;
        }
    }
}
