package dev.purekv.console.evaluation;

import dev.purekv.console.audit.Audit;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.security.core.Authentication;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Lists evaluations, starts them, and takes sets of questions. */
@Controller
@RequestMapping("/evaluations")
class EvaluationsController {
    private final EvaluationRuns runs;
    private final QuestionSets sets;
    private final LocalModels models;
    private final Audit audit;

    EvaluationsController(EvaluationRuns runs, QuestionSets sets, LocalModels models, Audit audit) {
        this.runs = runs;
        this.sets = sets;
        this.models = models;
        this.audit = audit;
    }

    /** Words of the style sheet for states. */
    static Map<RunState, String> tones() {
        return Map.of(
                RunState.WAITING, "warn",
                RunState.RUNNING, "warn",
                RunState.CANCELLED, "warn",
                RunState.FAILED, "bad",
                RunState.DONE, "good");
    }

    @GetMapping
    String show(@RequestParam(defaultValue = "") String model, Model page) {
        page.addAttribute("runs", runs.all());
        page.addAttribute("tones", tones());
        page.addAttribute("models", models.names());
        page.addAttribute("chosen", model);
        page.addAttribute("sets", sets.names());
        page.addAttribute("methods", EvaluationPlan.METHODS);
        page.addAttribute("prefill", EvaluationPlan.PREFILL);
        return "evaluations";
    }

    /** Fields of the form, as text: what is no number is told in words. */
    record Form(
            String model,
            String questions,
            List<String> methods,
            List<String> prefill,
            String ratios,
            String clieLayers,
            String sparseLayer,
            String limit,
            String seed) {
        EvaluationPlan plan() {
            return new EvaluationPlan(
                    model,
                    questions,
                    methods == null ? List.of() : methods,
                    split(ratios, ",").map(each -> number("Ratios", each)).toList(),
                    prefill == null ? List.of() : prefill,
                    optional("First layer that is sparse or pruned", sparseLayer),
                    split(clieLayers, ";").map(each -> each.replace(" ", "")).toList(),
                    optional("How many questions", limit),
                    whole("Seed", seed));
        }

        private static Stream<String> split(String text, String by) {
            return text == null
                    ? Stream.empty()
                    : Arrays.stream(text.split(by)).map(String::strip).filter(each -> !each.isEmpty());
        }

        private static double number(String field, String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw new EvaluationException(field + ": expected numbers such as 2, 5, 10; got '" + text + "'.");
            }
        }

        private static Integer optional(String field, String text) {
            return text == null || text.isBlank() ? null : whole(field, text);
        }

        private static int whole(String field, String text) {
            if (text == null || !text.strip().matches("\\d{1,9}")) {
                throw new EvaluationException(field + ": expected a whole number, got '" + text + "'.");
            }
            return Integer.parseInt(text.strip());
        }
    }

    @PostMapping
    String start(Form form, Authentication who, RedirectAttributes next) {
        try {
            EvaluationRun run = runs.start(form.plan(), who.getName());
            audit.done("start evaluation", form.model(), "run " + run.id());
            return "redirect:/evaluations/" + run.id();
        } catch (EvaluationException e) {
            return refused("start evaluation", String.valueOf(form.model()), e, next);
        }
    }

    @PostMapping("/questions")
    String upload(@RequestParam String name, @RequestParam MultipartFile zip, RedirectAttributes next)
            throws IOException {
        try (InputStream in = zip.getInputStream()) {
            String set = sets.upload(name, in);
            audit.done("upload questions", set, zip.getSize() + " bytes");
            next.addFlashAttribute("said", "The set " + set + " can be evaluated now.");
        } catch (EvaluationException e) {
            return refused("upload questions", name, e, next);
        }
        return "redirect:/evaluations";
    }

    @PostMapping("/questions/remove")
    String remove(@RequestParam String set, RedirectAttributes next) {
        try {
            sets.remove(set);
            audit.done("remove questions", set, "");
            next.addFlashAttribute("said", "The set " + set + " is gone.");
        } catch (EvaluationException e) {
            return refused("remove questions", set, e, next);
        }
        return "redirect:/evaluations";
    }

    private String refused(String action, String subject, EvaluationException why, RedirectAttributes next) {
        audit.refused(action, subject, why.getMessage());
        next.addFlashAttribute("problem", why.getMessage());
        return "redirect:/evaluations";
    }
}
