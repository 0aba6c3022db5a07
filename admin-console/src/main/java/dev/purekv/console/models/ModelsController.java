package dev.purekv.console.models;

import dev.purekv.ServingException;
import dev.purekv.console.config.ConfigFiles;
import dev.purekv.console.config.ConfigText;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import java.util.List;
import java.util.Map;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import tools.jackson.databind.json.JsonMapper;

/** Lists the models, loads and unloads them, and shows how each is configured. */
@Controller
class ModelsController {
    private final InferenceServer server;
    private final Models models;
    private final LoadJobs jobs;
    private final ConfigFiles files;
    private final JsonMapper json;

    ModelsController(InferenceServer server, Models models, LoadJobs jobs, ConfigFiles files, JsonMapper json) {
        this.server = server;
        this.models = models;
        this.jobs = jobs;
        this.files = files;
        this.json = json;
    }

    @GetMapping("/")
    String first() {
        return "redirect:/models";
    }

    @GetMapping("/models")
    String show(Model page) {
        table(page);
        return "models";
    }

    /** The table alone, which refreshes itself. */
    @GetMapping("/models/table")
    String table(Model page) {
        page.addAttribute("live", server.live());
        page.addAttribute("ready", server.ready());
        List<ModelRow> rows = models.all();
        page.addAttribute("models", rows);
        page.addAttribute("busy", rows.stream().anyMatch(ModelRow::busy));
        return "models :: table";
    }

    @GetMapping("/models/{model}")
    String one(@PathVariable String model, Model page) {
        page.addAttribute("model", models.one(model));
        ConfigText file = files.read(model);
        page.addAttribute("file", file.text());
        try {
            page.addAttribute("parameters", file.parameters());
        } catch (ServingException unreadable) {
            page.addAttribute("parameters", Map.of());
            page.addAttribute("problem", unreadable.getMessage());
        }
        page.addAttribute("completed", completed(model));
        return "model";
    }

    @PostMapping("/models/{model}/load")
    String load(@PathVariable String model, Authentication who, RedirectAttributes next) {
        jobs.load(models.one(model).name(), who.getName());
        next.addFlashAttribute("said", "Loading " + model + ": the table says when it serves.");
        return "redirect:/models";
    }

    @PostMapping("/models/{model}/unload")
    String unload(@PathVariable String model, Authentication who, RedirectAttributes next) {
        jobs.unload(models.one(model).name(), who.getName());
        next.addFlashAttribute("said", "Unloading " + model + ": what runs may finish.");
        return "redirect:/models";
    }

    /** @return the configuration as Triton completed it; empty for a model that is not loaded */
    private String completed(String model) {
        try {
            return json.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(json.readTree(server.modelConfig(model, "")));
        } catch (ServerException notLoaded) {
            return "";
        }
    }
}
