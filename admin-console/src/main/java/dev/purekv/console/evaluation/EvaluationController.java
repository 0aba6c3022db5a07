package dev.purekv.console.evaluation;

import dev.purekv.console.audit.Audit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import tools.jackson.databind.json.JsonMapper;

/** One evaluation: how far it is, what it found, what that suggests. */
@Controller
@RequestMapping("/evaluations/{id}")
class EvaluationController {
    private static final List<String> FILES = List.of("results.csv", "results.md", "results.json", "correlations.csv");

    private final EvaluationRuns runs;
    private final Audit audit;
    private final JsonMapper json;

    EvaluationController(EvaluationRuns runs, Audit audit, JsonMapper json) {
        this.runs = runs;
        this.audit = audit;
        this.json = json;
    }

    @GetMapping
    String show(@PathVariable String id, Model page) {
        EvaluationRun run = known(id);
        common(run, page);
        page.addAttribute("refreshed", false);
        if (!run.results().isEmpty()) {
            page.addAttribute("recommendation", Recommendation.of(run.results()));
            page.addAttribute("bytesChart", json.writeValueAsString(QualityChart.byBytes(run.results())));
            page.addAttribute("timeChart", json.writeValueAsString(QualityChart.byTime(run.results())));
            page.addAttribute("correlations", CorrelationTable.read(runs.file(id, "correlations.csv")));
            page.addAttribute("files", FILES);
        }
        return "evaluation";
    }

    @GetMapping("/progress")
    String progress(@PathVariable String id, Model page) {
        common(known(id), page);
        page.addAttribute("refreshed", true);
        return "evaluation :: progress";
    }

    private static void common(EvaluationRun run, Model page) {
        page.addAttribute("run", run);
        page.addAttribute("tones", EvaluationsController.tones());
    }

    @PostMapping("/cancel")
    String cancel(@PathVariable String id, RedirectAttributes next) {
        return change("cancel evaluation", id, runs::cancel, "Cancelled: what it has found is kept.", next);
    }

    @PostMapping("/resume")
    String resume(@PathVariable String id, RedirectAttributes next) {
        return change("resume evaluation", id, runs::resume, "It goes on where it stopped.", next);
    }

    private String change(String action, String id, Consumer<String> change, String said, RedirectAttributes next) {
        known(id);
        try {
            change.accept(id);
            audit.done(action, id, "");
            next.addFlashAttribute("said", said);
        } catch (EvaluationException e) {
            audit.refused(action, id, e.getMessage());
            next.addFlashAttribute("problem", e.getMessage());
        }
        return "redirect:/evaluations/" + id;
    }

    @GetMapping("/files/{name}")
    ResponseEntity<Resource> file(@PathVariable String id, @PathVariable String name) {
        known(id);
        Path file = FILES.contains(name) ? runs.file(id, name) : null;
        if (file == null || !Files.isRegularFile(file)) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, "This run has no file of this name.");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name).build().toString())
                .body(new FileSystemResource(file));
    }

    private EvaluationRun known(String id) {
        try {
            return runs.get(id);
        } catch (EvaluationException e) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND, e.getMessage());
        }
    }
}
