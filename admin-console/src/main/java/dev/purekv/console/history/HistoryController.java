package dev.purekv.console.history;

import dev.purekv.console.config.ConfigText;
import dev.purekv.console.history.Revision.Outcome;
import dev.purekv.console.models.ModelRow;
import dev.purekv.console.models.Models;
import java.util.List;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Shows the states of a model's configuration, and leads back to any of them. */
@Controller
@RequestMapping("/models/{model}/history")
class HistoryController {
    private final Models models;
    private final Configurations configurations;

    HistoryController(Models models, Configurations configurations) {
        this.models = models;
        this.configurations = configurations;
    }

    @GetMapping
    String show(@PathVariable String model, Model page) {
        fill(model, page);
        return "history";
    }

    /** The list alone, which refreshes itself while a load runs. */
    @GetMapping("/list")
    String list(@PathVariable String model, Model page) {
        fill(model, page);
        return "history :: list";
    }

    @PostMapping("/{id}/restore")
    String restore(
            @PathVariable String model,
            @PathVariable long id,
            @RequestParam String seen,
            Authentication who,
            RedirectAttributes next) {
        ModelRow row = models.one(model);
        try {
            configurations.restore(row.name(), id, seen, who.getName(), "back to revision " + id);
            next.addFlashAttribute("said", "Revision " + id + " is being loaded.");
        } catch (Conflict e) {
            next.addFlashAttribute("problem", "Nothing was changed: " + e.getMessage() + ". Look again, then decide.");
        }
        next.addAttribute("model", row.name());
        return "redirect:/models/{model}/history";
    }

    private void fill(String model, Model page) {
        ModelRow row = models.one(model);
        List<Revision> revisions = configurations.of(row.name());
        ConfigText now = configurations.look(row.name());
        page.addAttribute("model", row);
        page.addAttribute("revisions", revisions);
        page.addAttribute("seen", now.hash());
        page.addAttribute("loading", revisions.stream().anyMatch(each -> each.outcome() == Outcome.LOADING));
    }
}
