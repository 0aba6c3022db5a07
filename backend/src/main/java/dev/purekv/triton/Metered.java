package dev.purekv.triton;

import dev.purekv.triton.MetricApi.Kind;

/**
 * The metrics of a model. Names and buckets are those of vLLM's backend with another prefix (vllm_backend r24.10,
 * src/utils/metrics.py), where it has the same thing, so that dashboards carry over.
 */
enum Metered {
    RUNNING(Kind.GAUGE, "num_requests_running", "Requests that hold a cache"),
    WAITING(Kind.GAUGE, "num_requests_waiting", "Requests that hold no cache yet"),
    CACHE_BYTES(Kind.GAUGE, "kv_cache_bytes", "Bytes of cache that are reserved"),
    CACHE_USAGE(
            Kind.GAUGE, "kv_cache_usage_perc", "Share of the cache that is reserved, from 0 to 1; 0 without a limit"),
    COMPRESSION_RATIO(
            Kind.GAUGE,
            "kv_compression_ratio",
            "Bytes of the latest prompt's full cache over the bytes that were kept"),
    PROMPT_TOKENS(Kind.COUNTER, "prompt_tokens_total", "Tokens of prompts that were computed"),
    VISUAL_TOKENS(Kind.COUNTER, "image_tokens_total", "Tokens of images and videos among them"),
    GENERATED_TOKENS(Kind.COUNTER, "generation_tokens_total", "Tokens of answers"),
    EVICTED_TOKENS(
            Kind.COUNTER,
            "kv_tokens_evicted_total",
            "Tokens of prompts that were dropped from the cache, mean of the layers"),
    CANCELLED(Kind.COUNTER, "requests_cancelled_total", "Requests that were cancelled, by the stage they had reached"),
    FIRST_TOKEN("time_to_first_token_seconds", "From a request's arrival to its first token", Waits.bounds()),
    OUTPUT_TOKEN(
            "time_per_output_token_seconds",
            "Between two tokens of an answer",
            .01,
            .025,
            .05,
            .075,
            .1,
            .15,
            .2,
            .3,
            .4,
            .5,
            .75,
            1,
            2.5),
    WHOLE_REQUEST(
            "e2e_request_latency_seconds",
            "From a request's arrival to its last token",
            1,
            2.5,
            5,
            10,
            15,
            20,
            30,
            40,
            50,
            60),
    QUEUE_TIME("request_queue_time_seconds", "From a request's arrival to the begin of its prefill", Waits.bounds()),
    PROMPT_LENGTH("request_prompt_tokens", "Tokens of a request's prompt", Lengths.bounds()),
    ANSWER_LENGTH("request_generation_tokens", "Tokens of a request's answer", Lengths.bounds());

    private final Kind kind;
    private final String id;
    private final String help;
    private final double[] bounds;

    Metered(Kind kind, String id, String help) {
        this.kind = kind;
        this.id = id;
        this.help = help;
        this.bounds = new double[0];
    }

    Metered(String id, String help, double... bounds) {
        this.kind = Kind.HISTOGRAM;
        this.id = id;
        this.help = help;
        this.bounds = bounds;
    }

    long newFamily() {
        return MetricApi.familyNew(kind.ordinal(), BackendApi.utf8("purekv:" + id), BackendApi.utf8(help));
    }

    /** @param labels names and values in turn */
    Metric newMetric(long family, byte[][] labels) {
        return new Metric(MetricApi.metricNew(family, labels, bounds));
    }

    /** Seconds that people wait before they see anything. */
    private static final class Waits {
        static double[] bounds() {
            return new double[] {.001, .005, .01, .02, .04, .06, .08, .1, .25, .5, .75, 1, 2.5, 5, 7.5, 10};
        }
    }

    /** 1, 2, 5, 10, ... as vLLM has them. */
    private static final class Lengths {
        static double[] bounds() {
            return new double[] {
                1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000
            };
        }
    }
}
