package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.remote.Groups.GroupModel;
import dev.purekv.console.tuning.TuningForm;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Shows a group of endpoints, what is wanted of its models, and the form that wants something else. */
@Controller
@RequestMapping("/remote/groups/{group}")
class GroupController {
    private final Groups groups;
    private final Endpoints endpoints;
    private final WantedStates states;
    private final Audit audit;

    GroupController(Groups groups, Endpoints endpoints, WantedStates states, Audit audit) {
        this.groups = groups;
        this.endpoints = endpoints;
        this.states = states;
        this.audit = audit;
    }

    /** A setting that would be another. */
    record Change(String name, String before, String after) {}

    @GetMapping
    String show(@PathVariable String group, Model page) {
        part(group, page);
        return "remote-group";
    }

    /** What changes of the page, which refreshes itself. */
    @GetMapping("/part")
    String part(@PathVariable String group, Model page) {
        List<WantedState> history = states.history(group);
        List<Endpoint> members = endpoints.ofGroup(group);
        if (members.isEmpty() && history.isEmpty()) {
            throw ServingException.notFound("no endpoint is in a group '%s'", group);
        }
        List<GroupModel> models = groups.models(group);
        page.addAttribute("group", group);
        page.addAttribute("members", members);
        page.addAttribute("models", models);
        page.addAttribute("applying", models.stream().anyMatch(GroupModel::applying));
        page.addAttribute("history", history);
        return "remote-group :: part";
    }

    @GetMapping("/tuning/{model}")
    String form(@PathVariable String group, @PathVariable String model, Model page) {
        return fill(group, model, groups.parameters(group, model), new LinkedMultiValueMap<>(), page);
    }

    @PostMapping("/tuning/{model}/preview")
    String preview(
            @PathVariable String group,
            @PathVariable String model,
            @RequestParam MultiValueMap<String, String> form,
            Model page,
            HttpServletResponse response) {
        Map<String, String> now = groups.parameters(group, model);
        Map<String, String> changes = TuningForm.changes(now, form);
        try {
            TuningForm.judge(changed(now, changes));
            List<Change> shown = new ArrayList<>();
            changes.forEach((name, value) -> shown.add(new Change(name, now.getOrDefault(name, ""), value)));
            page.addAttribute("changes", shown);
        } catch (ServingException e) {
            response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
            page.addAttribute("problem", "Nothing was changed: " + e.getMessage() + ".");
        }
        return fill(group, model, now, form, page);
    }

    @PostMapping("/tuning/{model}")
    String apply(
            @PathVariable String group,
            @PathVariable String model,
            @RequestParam long seen,
            @RequestParam MultiValueMap<String, String> form,
            Authentication who,
            RedirectAttributes next) {
        Map<String, String> changes = TuningForm.changes(groups.parameters(group, model), form);
        String reason = form.getFirst("reason");
        next.addAttribute("group", group);
        if (changes.isEmpty()) {
            next.addFlashAttribute("said", "Everything is wanted like this already.");
            return "redirect:/remote/groups/{group}";
        }
        try {
            groups.want(group, model, seen, changes, who.getName(), reason == null ? "" : reason.strip());
        } catch (ServingException e) {
            audit.refused("want", group + "/" + model, e.getMessage());
            next.addFlashAttribute("problem", "Nothing was changed: " + e.getMessage() + ".");
        }
        return "redirect:/remote/groups/{group}";
    }

    @PostMapping("/withdraw")
    String withdraw(
            @PathVariable String group, @RequestParam String model, Authentication who, RedirectAttributes next) {
        boolean was = groups.withdraw(group, model, who.getName());
        next.addFlashAttribute(
                "said",
                was
                        ? "Nothing is wanted of " + model
                                + " any more: each endpoint keeps what it has until it unloads the model or starts again."
                        : "Nothing was wanted of " + model + ".");
        next.addAttribute("group", group);
        return "redirect:/remote/groups/{group}";
    }

    @PostMapping("/states/{id}/again")
    String again(@PathVariable String group, @PathVariable long id, Authentication who, RedirectAttributes next) {
        groups.wantAgain(group, id, who.getName());
        next.addAttribute("group", group);
        return "redirect:/remote/groups/{group}";
    }

    private static Map<String, String> changed(Map<String, String> parameters, Map<String, String> changes) {
        Map<String, String> changed = new TreeMap<>(parameters);
        changed.putAll(changes);
        changed.values().removeIf(String::isEmpty);
        return changed;
    }

    private String fill(
            String group, String model, Map<String, String> now, MultiValueMap<String, String> form, Model page) {
        TuningForm.fill(now, form, page);
        page.addAttribute("group", group);
        page.addAttribute("modelName", model);
        page.addAttribute("members", endpoints.ofGroup(group));
        page.addAttribute("wanted", states.holding(group, model).orElse(null));
        return "remote-tuning";
    }
}
