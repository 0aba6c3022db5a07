package dev.purekv.console.remote;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
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

/** Shows the endpoints; administrators register, change and remove them, operators load and unload their models. */
@Controller
@RequestMapping("/remote")
class RemoteController {
    private final Endpoints endpoints;
    private final Standings standings;
    private final Watch watch;
    private final RemoteLoads loads;
    private final Audit audit;

    RemoteController(Endpoints endpoints, Standings standings, Watch watch, RemoteLoads loads, Audit audit) {
        this.endpoints = endpoints;
        this.standings = standings;
        this.watch = watch;
        this.loads = loads;
        this.audit = audit;
    }

    /**
     * An endpoint and what was seen of it.
     *
     * @param sight null before the first look
     */
    record Row(Endpoint endpoint, Sight sight) {}

    @GetMapping
    String show(Model page) {
        table(page);
        return "remote";
    }

    /** The table alone, which refreshes itself. */
    @GetMapping("/table")
    String table(Model page) {
        List<Row> rows = endpoints.all().stream()
                .map(each -> new Row(each, standings.sight(each.name())))
                .toList();
        page.addAttribute("rows", rows);
        return "remote :: table";
    }

    @PostMapping("/endpoints")
    String add(
            @RequestParam String name,
            @RequestParam String address,
            @RequestParam(defaultValue = "") String key,
            @RequestParam(defaultValue = "") String group,
            Authentication who,
            Model page) {
        try {
            endpoints.add(name.strip(), address, key.strip(), group.strip(), who.getName());
        } catch (ServingException e) {
            audit.refused("add endpoint", name, e.getMessage());
            page.addAttribute("problem", "Nothing was registered: " + e.getMessage() + ".");
            page.addAttribute("given", new String[] {name, address, group});
            return show(page);
        }
        Endpoint added = endpoints.one(name.strip());
        audit.done(
                "add endpoint",
                added.name(),
                added.address().text() + ", group " + added.group() + (added.hasKey() ? ", with a key" : ""));
        watch.visitNow(added, Watch.NAME);
        page.addAttribute("said", added.name() + " is registered; the table says whether it answers.");
        return show(page);
    }

    /**
     * @param key empty to keep the present one
     * @param without that it wants no key any more
     */
    @PostMapping("/endpoints/{name}")
    String change(
            @PathVariable String name,
            @RequestParam String address,
            @RequestParam(defaultValue = "") String key,
            @RequestParam(defaultValue = "false") boolean without,
            @RequestParam(defaultValue = "") String group,
            Model page) {
        Endpoint before = endpoints.one(name);
        Endpoint after;
        try {
            after = endpoints.change(name, address, key.strip(), without, group.strip());
        } catch (ServingException e) {
            audit.refused("change endpoint", name, e.getMessage());
            page.addAttribute("problem", "Nothing was changed: " + e.getMessage() + ".");
            page.addAttribute("given", new String[] {address, group});
            return one(name, page);
        }
        audit.done("change endpoint", name, EndpointChange.words(before, after, !key.isBlank()));
        standings.forget(name);
        watch.visitNow(after, Watch.NAME);
        page.addAttribute("said", "Changed; what it answers shows below in a moment.");
        return one(name, page);
    }

    @PostMapping("/endpoints/{name}/remove")
    String remove(@PathVariable String name, RedirectAttributes next) {
        Endpoint gone = endpoints.one(name);
        endpoints.remove(gone.name());
        audit.done("remove endpoint", gone.name(), gone.address().text());
        next.addFlashAttribute("said", gone.name() + " is registered no more; it serves on with what it has.");
        return "redirect:/remote";
    }

    @GetMapping("/endpoints/{name}")
    String one(@PathVariable String name, Model page) {
        part(name, page);
        return "remote-endpoint";
    }

    /** What changes of an endpoint's page, which refreshes itself. */
    @GetMapping("/endpoints/{name}/part")
    String part(@PathVariable String name, Model page) {
        Endpoint endpoint = endpoints.one(name);
        page.addAttribute("endpoint", endpoint);
        page.addAttribute("sight", standings.sight(name));
        page.addAttribute("loads", loads);
        return "remote-endpoint :: part";
    }

    @PostMapping("/endpoints/{name}/models/{model}/load")
    String load(@PathVariable String name, @PathVariable String model, Authentication who, RedirectAttributes next) {
        loads.load(endpoints.one(name), listed(name, model), who.getName());
        next.addFlashAttribute("said", "Loading " + model + " there.");
        return back(name, next);
    }

    @PostMapping("/endpoints/{name}/models/{model}/unload")
    String unload(@PathVariable String name, @PathVariable String model, Authentication who, RedirectAttributes next) {
        loads.unload(endpoints.one(name), listed(name, model), who.getName());
        next.addFlashAttribute("said", "Unloading " + model + ": what runs there may finish.");
        return back(name, next);
    }

    private static String back(String name, RedirectAttributes next) {
        next.addAttribute("name", name);
        return "redirect:/remote/endpoints/{name}";
    }

    /** @throws ServingException NOT_FOUND for a model that the endpoint does not list */
    private String listed(String endpoint, String model) {
        Sight sight = standings.sight(endpoint);
        if (sight == null
                || sight.models().stream().noneMatch(each -> each.name().equals(model))) {
            throw ServingException.notFound("%s lists no model '%s'", endpoint, model);
        }
        return model;
    }
}
