package dev.purekv.console.audit;

import java.util.List;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.json.JsonMapper;

/** Shows the audit log, by a filter, and hands it out as CSV and JSON. */
@Controller
@RequestMapping("/audit")
class AuditController {
    private static final int SHOWN = 200;
    private static final int EXPORTED = 100_000;

    private final Audit audit;
    private final JsonMapper json;

    AuditController(Audit audit, JsonMapper json) {
        this.audit = audit;
        this.json = json;
    }

    @ModelAttribute("filter")
    AuditFilter filter(
            @RequestParam(defaultValue = "") String actor,
            @RequestParam(defaultValue = "") String action,
            @RequestParam(defaultValue = "") String subject,
            @RequestParam(defaultValue = "") String since,
            @RequestParam(defaultValue = "") String until) {
        return AuditFilter.of(actor, action, subject, since, until);
    }

    @GetMapping
    String show(@ModelAttribute("filter") AuditFilter filter, Model page) {
        List<AuditEntry> entries = audit.find(filter, SHOWN + 1);
        page.addAttribute("entries", entries.subList(0, Math.min(SHOWN, entries.size())));
        page.addAttribute("more", entries.size() > SHOWN);
        page.addAttribute("shown", SHOWN);
        page.addAttribute("actions", audit.actions());
        return "audit";
    }

    @GetMapping("/audit.csv")
    ResponseEntity<String> csv(@ModelAttribute("filter") AuditFilter filter) {
        return file("audit.csv", new MediaType("text", "csv"), AuditCsv.of(audit.find(filter, EXPORTED)));
    }

    @GetMapping("/audit.json")
    ResponseEntity<String> json(@ModelAttribute("filter") AuditFilter filter) {
        return file("audit.json", MediaType.APPLICATION_JSON, json.writeValueAsString(audit.find(filter, EXPORTED)));
    }

    private static ResponseEntity<String> file(String name, MediaType type, String text) {
        return ResponseEntity.ok()
                .contentType(new MediaType(type, java.nio.charset.StandardCharsets.UTF_8))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment().filename(name).build().toString())
                .body(text);
    }
}
