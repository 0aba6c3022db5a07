package dev.purekv.console.tuning;

import dev.purekv.ServingException;
import dev.purekv.settings.HeadScores;
import dev.purekv.settings.KvPolicy;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.LayerBudgets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.ui.Model;
import org.springframework.util.MultiValueMap;

/** The form of a model's settings where its parameters are known, but not its file or its checkpoint. */
public final class TuningForm {
    private TuningForm() {}

    /**
     * Gives a page what the fragment {@code tuning :: fields} reads.
     *
     * @param parameters of the model
     * @param form what somebody wants instead; empty for nothing
     */
    public static void fill(Map<String, String> parameters, MultiValueMap<String, String> form, Model page) {
        Settings settings = Settings.of(parameters).with(form);
        page.addAttribute("policies", KvPolicy.values());
        page.addAttribute("budgets", LayerBudgets.values());
        page.addAttribute("headScores", HeadScores.values());
        page.addAttribute("settings", settings);
        page.addAttribute("layers", List.of());
        page.addAttribute("forecast", Forecast.of(drawn(parameters, form), null));
    }

    /** @return what a form changes, values by name; an empty one takes the parameter out */
    public static Map<String, String> changes(Map<String, String> parameters, MultiValueMap<String, String> form) {
        Settings now = Settings.of(parameters);
        Map<String, String> changes = new TreeMap<>();
        now.changesTo(now.with(form)).forEach((name, value) -> changes.put(name, value == null ? "" : value));
        return changes;
    }

    /**
     * Judges parameters by the backend's own rules, as far as they can be told without the model's layers.
     *
     * @throws ServingException INVALID_REQUEST naming the setting, its value and what would be right
     */
    public static void judge(Map<String, String> parameters) {
        Settings.judge(parameters, null);
    }

    private static KvSettings drawn(Map<String, String> parameters, MultiValueMap<String, String> form) {
        Map<String, String> asked = new TreeMap<>(parameters);
        changes(parameters, form).forEach((name, value) -> {
            if (value.isEmpty()) {
                asked.remove(name);
            } else {
                asked.put(name, value);
            }
        });
        try {
            return Settings.judge(asked, null);
        } catch (ServingException refused) {
            return KvSettings.DEFAULT;
        }
    }
}
