package dev.purekv.evaluation;

import java.util.List;
import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one variant came to, for programs: an element of {@code results.json}.
 *
 * @param settings by name, as in config.pbtxt: what it takes to serve like that
 * @param accuracy share of questions answered to the letter, all and by kind
 * @param agreement share of questions answered as with the full cache
 * @param attentionKept share of the full cache's observed attention on kept entries
 * @param byteRatio of the full cache to what is kept
 * @param firstTokenMs vision and prefill, median
 * @param followUpAgreement of second questions in the same conversation; null where none was asked
 */
public record Result(
        String method,
        String prefill,
        double ratio,
        Map<String, String> settings,
        int questions,
        double accuracy,
        Map<String, Double> accuracyByKind,
        double agreement,
        double attentionKept,
        double cacheBytes,
        double byteRatio,
        double firstTokenMs,
        double prefillMs,
        double tokenMs,
        Double followUpAgreement) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public Result {
        settings = Map.copyOf(settings);
        accuracyByKind = Map.copyOf(accuracyByKind);
    }

    static Result of(Summary summary) {
        Variant variant = summary.variant();
        return new Result(
                variant.method(),
                variant.prefill(),
                variant.ratio(),
                variant.settings(),
                summary.questions(),
                summary.accuracy(),
                summary.accuracyByKind(),
                summary.agreement(),
                summary.mass(),
                summary.cacheBytes(),
                summary.byteRatio(),
                summary.firstTokenMs(),
                summary.prefillMs(),
                summary.tokenMs(),
                summary.followUps() == 0 ? null : summary.followUpAgreement());
    }

    static String write(List<Summary> summaries) {
        return JSON.writeValueAsString(summaries.stream().map(Result::of).toList());
    }

    /**
     * @param json content of {@code results.json}, the full cache first
     * @throws tools.jackson.core.JacksonException for anything else
     */
    public static List<Result> read(String json) {
        return JSON.readValue(json, new TypeReference<List<Result>>() {});
    }
}
