package dev.purekv.console.playground;

import dev.purekv.console.doors.Door;
import dev.purekv.console.doors.Doors;
import dev.purekv.console.grpc.GrpcDoor;
import dev.purekv.console.models.ModelRow;
import dev.purekv.console.models.Models;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceServer;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.Word;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The playground's page and its samples. */
@Controller
@RequestMapping("/playground")
class PlaygroundController {
    private final InferenceServer server;
    private final Models models;
    private final Samples samples;
    private final Doors doors;
    private final GrpcDoor grpc;
    private final boolean keys;

    PlaygroundController(
            InferenceServer server,
            Models models,
            Samples samples,
            Doors doors,
            GrpcDoor grpc,
            PureKvSettings settings) {
        this.server = server;
        this.models = models;
        this.samples = samples;
        this.doors = doors;
        this.grpc = grpc;
        this.keys = settings.keysFile() != null;
    }

    @GetMapping
    String show(@RequestParam(defaultValue = "") String model, Model page) {
        List<String> names = models.all().stream()
                .filter(ModelRow::ready)
                .filter(each -> server.decoupled(each.name(), ""))
                .map(ModelRow::name)
                .distinct()
                .toList();
        String chosen = names.contains(model) ? model : names.isEmpty() ? "" : names.get(0);
        page.addAttribute("models", names);
        page.addAttribute("chosen", chosen);
        page.addAttribute("samples", chosen.isEmpty() ? List.of() : samples.names(chosen));
        page.addAttribute(
                "policies", Arrays.stream(KvPolicy.values()).map(Word::word).toList());
        page.addAttribute("port", doors.port(Door.KSERVE));
        page.addAttribute("grpcPort", grpc.port());
        page.addAttribute("keys", keys);
        return "playground";
    }

    @GetMapping("/samples/{model}/{name}")
    ResponseEntity<Resource> sample(@PathVariable String model, @PathVariable String name) {
        Path file = samples.file(model, name);
        return ResponseEntity.ok()
                .contentType(MediaTypeFactory.getMediaType(name).orElse(MediaType.APPLICATION_OCTET_STREAM))
                .body(new FileSystemResource(file));
    }
}
