package dev.purekv.triton;

import dev.purekv.compression.KeptTokens;
import dev.purekv.model.PrefillReport;
import dev.purekv.model.VisualSpan;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which tokens of a prompt are kept, as clients read it: for every image and video its grid, and for every layer the share of
 * heads that kept each of its tokens, slice by slice and row by row; enough for a heat map over frames.
 */
final class KeptTokensJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private KeptTokensJson() {}

    static String write(KeptTokens kept, PrefillReport prefill) {
        ObjectNode root = JSON.createObjectNode().put("prompt_tokens", prefill.promptTokens());
        ArrayNode counts = root.putArray("kept_tokens");
        for (int layer = 0; layer < prefill.layers(); layer++) {
            counts.add(kept.kept(layer, prefill.promptTokens()));
        }
        ArrayNode inputs = root.putArray("visual_inputs");
        for (VisualSpan visual : prefill.visuals()) {
            ArrayNode shares = described(inputs.addObject(), visual).putArray("shares");
            for (int layer = 0; layer < prefill.layers(); layer++) {
                ArrayNode row = shares.addArray();
                for (int token = 0; token < visual.tokens(); token++) {
                    row.add(Math.round(1000 * kept.share(layer, visual.start() + token)) / 1000.0);
                }
            }
        }
        return root.toString();
    }

    private static ObjectNode described(ObjectNode input, VisualSpan visual) {
        input.put("kind", visual.kind().name().toLowerCase(Locale.ROOT));
        input.put("first_token", visual.start());
        input.putObject("grid")
                .put("t", visual.slices())
                .put("h", visual.rows())
                .put("w", visual.columns());
        return input.put("frames", visual.frames())
                .put("first_frame", visual.firstFrame())
                .put("frames_per_slice", visual.framesPerSlice())
                .put("seconds_per_slice", visual.secondsPerSlice());
    }
}
