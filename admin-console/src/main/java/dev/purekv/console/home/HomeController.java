package dev.purekv.console.home;

import dev.purekv.server.InferenceServer;
import dev.purekv.server.ServerException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Shows the server's state and the models of its repository. */
@Controller
class HomeController {
    private final InferenceServer server;
    private final JsonMapper json;

    HomeController(InferenceServer server, JsonMapper json) {
        this.server = server;
        this.json = json;
    }

    @GetMapping("/")
    String show(Model page) {
        page.addAttribute("live", server.live());
        page.addAttribute("ready", server.ready());
        try {
            page.addAttribute("models", models());
        } catch (ServerException e) {
            page.addAttribute("models", List.of());
            page.addAttribute("problem", e.getMessage());
        }
        return "home";
    }

    private List<ModelRow> models() {
        List<ModelRow> rows = new ArrayList<>();
        for (JsonNode model : json.readTree(server.repositoryIndex(false))) {
            rows.add(new ModelRow(
                    model.path("name").asString(""),
                    model.path("version").asString(""),
                    model.path("state").asString(""),
                    model.path("reason").asString("")));
        }
        return rows;
    }

    /** One line of the table; the index leaves out what it does not know. */
    record ModelRow(String name, String version, String state, String reason) {}
}
