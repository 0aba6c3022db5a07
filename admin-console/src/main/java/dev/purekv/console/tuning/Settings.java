package dev.purekv.console.tuning;

import dev.purekv.console.config.ConfigText;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.ModelSettings;
import dev.purekv.settings.StageSettings;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.springframework.util.MultiValueMap;

/**
 * A value for each setting of the form, as text; not judged yet.
 *
 * @param stage whether the model is the compression stage, which has fewer
 */
record Settings(Map<Field, String> values, boolean stage) {
    /** What holds for a model, by its file and the defaults. */
    static Settings of(ConfigText file) {
        return of(file.parameters());
    }

    /** As {@link #of(ConfigText)}, by the parameters alone. */
    static Settings of(Map<String, String> parameters) {
        boolean stage = parameters.containsKey(StageSettings.KIND);
        Map<Field, String> values = new EnumMap<>(Field.class);
        for (Field field : fields(stage)) {
            values.put(field, field.canonical(parameters.getOrDefault(field.key(), field.fallback())));
        }
        return new Settings(values, stage);
    }

    /** What a form says; what it leaves out stays. A box that is not ticked is left out by browsers, and stands for false. */
    Settings with(MultiValueMap<String, String> form) {
        Map<Field, String> wanted = new EnumMap<>(values);
        for (Field field : values.keySet()) {
            List<String> sent = form.get(field.key());
            if (sent != null) {
                wanted.put(field, field.canonical(String.join(",", sent)));
            } else if (form.containsKey(field.key() + "_shown")) {
                wanted.put(field, field == Field.CLIE_LAYER ? "" : "false");
            }
        }
        if ("own".equals(form.getFirst("sources")) && values.containsKey(Field.CLIE_LAYER)) {
            wanted.put(Field.CLIE_LAYER, "");
        }
        return new Settings(wanted, stage);
    }

    /** What an evaluation ran with: it names what differs from the defaults, and leaves everything else at them. */
    Settings evaluated(MultiValueMap<String, String> named) {
        Map<Field, String> wanted = new EnumMap<>(values);
        for (Field field : values.keySet()) {
            if (KvSettings.NAMES.contains(field.key())) {
                String value = named.getFirst(field.key());
                wanted.put(field, field.canonical(value == null ? field.fallback() : value));
            }
        }
        return new Settings(wanted, stage);
    }

    /** @return what must change in a file that says {@code this}, for {@code wanted} to hold; null takes a parameter out */
    Map<String, String> changesTo(Settings wanted) {
        Map<String, String> changes = new TreeMap<>();
        wanted.values().forEach((field, value) -> {
            if (!value.equals(values.get(field))) {
                changes.put(field.key(), value.isEmpty() ? null : value);
            }
        });
        return changes;
    }

    /** For templates. */
    public String get(String key) {
        return values.getOrDefault(Field.valueOf(key.toUpperCase(java.util.Locale.ROOT)), "");
    }

    /**
     * Judges a file by the backend's own rules.
     *
     * @param shape null where it is not known; the load then judges the layers
     * @return the settings of the cache, resolved
     * @throws dev.purekv.ServingException INVALID_REQUEST naming the setting, its value and what would be right
     */
    static KvSettings judge(ConfigText file, ModelShape shape) {
        return judge(file.parameters(), shape);
    }

    /** As {@link #judge(ConfigText, ModelShape)}, by the parameters alone. */
    static KvSettings judge(Map<String, String> parameters, ModelShape shape) {
        if (parameters.containsKey(StageSettings.KIND)) {
            return StageSettings.read(parameters).kv();
        }
        KvSettings kv = ModelSettings.read(parameters).kv();
        return shape == null ? kv : kv.resolved(shape.layers());
    }

    private static List<Field> fields(boolean stage) {
        return Stream.of(Field.values())
                .filter(each -> !stage || each.fitsStages())
                .toList();
    }
}
