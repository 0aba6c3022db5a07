package dev.purekv.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A streamed answer under way, of which the first piece is there. */
final class OpenAnswer {
    private final Iterator<String> lines;
    private final String first;

    private OpenAnswer(Iterator<String> lines) {
        this.lines = lines;
        first = lines.next();
        if (!first.startsWith("data: {") || first.contains("\"error\"")) {
            throw new AssertionError("no first piece: " + first);
        }
    }

    /** @param parameters of the request, beside those that let it go on until something ends it */
    static OpenAnswer generate(ServerContainer server, Map<String, Object> parameters)
            throws IOException, InterruptedException {
        Map<String, Object> all = new TreeMap<>(parameters);
        all.put("ignore_eos", true);
        return new OpenAnswer(server.stream(
                        ServerContainer.GENERATE + "_stream",
                        Map.of(
                                "text_input",
                                "hi",
                                "stream",
                                true,
                                "return_finish_reason",
                                true,
                                "return_num_output_tokens",
                                true,
                                "parameters",
                                all))
                .iterator());
    }

    /** Over OpenAI's API. */
    static OpenAnswer chat(ServerContainer server, int tokens) throws IOException, InterruptedException {
        return new OpenAnswer(server.stream(
                        "/v1/chat/completions",
                        Map.of(
                                "model",
                                "moving-digits",
                                "messages",
                                List.of(Map.of("role", "user", "content", "hi")),
                                "stream",
                                true,
                                "max_tokens",
                                tokens,
                                "ignore_eos",
                                true))
                .iterator());
    }

    /**
     * How it ended.
     *
     * @param last piece that came; where the connection broke, the client may have dropped what it had not handed out
     * @param broken whether the connection ended before the answer's own end
     */
    record End(String last, boolean broken) {}

    /** Reads on to the end. */
    End end() {
        String last = first;
        try {
            while (lines.hasNext()) {
                String line = lines.next();
                last = line.isEmpty() ? last : line;
            }
            return new End(last, false);
        } catch (UncheckedIOException cut) {
            return new End(last, true);
        }
    }
}
