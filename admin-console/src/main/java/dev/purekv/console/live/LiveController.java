package dev.purekv.console.live;

import dev.purekv.ServingException;
import dev.purekv.console.audit.Audit;
import dev.purekv.console.logging.LogLevels;
import dev.purekv.console.logging.LogTail;
import dev.purekv.console.words.Words;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.LiveRequest;
import dev.purekv.server.ServerException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** Requests under way, charts of the last hour, the log's tail, and the drain. */
@Controller
@RequestMapping("/live")
class LiveController {
    private final InferenceServer server;
    private final LastHour hour;
    private final LogTail log;
    private final LogLevels levels;
    private final Audit audit;

    LiveController(InferenceServer server, LastHour hour, LogTail log, LogLevels levels, Audit audit) {
        this.server = server;
        this.hour = hour;
        this.log = log;
        this.levels = levels;
        this.audit = audit;
    }

    @GetMapping
    String show(Model page) {
        requests(page);
        lines(page);
        page.addAttribute("levels", LogLevels.ALL);
        return "live";
    }

    /** A line of the table, in words. */
    record Row(LiveRequest request, String stage, String age, String cache) {
        static Row of(LiveRequest request) {
            return new Row(
                    request,
                    request.stage().name().toLowerCase(Locale.ROOT),
                    Words.decimal(request.ageSeconds()) + " s",
                    Words.bytes(request.cacheBytes()));
        }
    }

    @GetMapping("/requests")
    String requests(Model page) {
        try {
            page.addAttribute("rows", server.requests().stream().map(Row::of).toList());
        } catch (ServerException e) {
            page.addAttribute("rows", List.of());
            page.addAttribute("untold", e.getMessage());
        }
        return "live :: requests";
    }

    @GetMapping("/log")
    String lines(Model page) {
        page.addAttribute("lines", log.latest());
        page.addAttribute("level", levels.java());
        page.addAttribute("tritonLevel", levels.triton());
        return "live :: log";
    }

    @GetMapping(path = "/hour.json", produces = MediaType.APPLICATION_JSON_VALUE)
    @ResponseBody
    Map<String, List<Moment>> hour() {
        return hour.all();
    }

    @PostMapping("/cancel")
    String cancel(@RequestParam String model, @RequestParam long number, RedirectAttributes next) {
        boolean ended = server.requests().stream()
                .filter(each -> each.model().equals(model) && each.number() == number)
                .anyMatch(server::cancel);
        if (ended) {
            audit.done("cancel request", model, "number " + number);
            next.addFlashAttribute("said", "The request ends within a step.");
        } else {
            next.addFlashAttribute("problem", "The request had ended already.");
        }
        return "redirect:/live";
    }

    @PostMapping("/level")
    String level(@RequestParam String level, RedirectAttributes next) {
        if (!LogLevels.ALL.contains(level)) {
            throw ServingException.invalid("the level of the log: expected one of %s, got '%s'", LogLevels.ALL, level);
        }
        levels.set(level);
        audit.done("log level", "dev.purekv and Triton", level);
        next.addFlashAttribute("said", "The log now has lines from " + level + " on, of Java and of Triton.");
        return "redirect:/live";
    }

    /** There is no way back but a restart: an orchestrator that drains a server replaces it. */
    @PostMapping("/drain")
    String drain(RedirectAttributes next) {
        server.drain();
        audit.done("drain", "server", "");
        next.addFlashAttribute(
                "said", "The server takes no new requests; those under way go on. Start it again to serve again.");
        return "redirect:/live";
    }
}
