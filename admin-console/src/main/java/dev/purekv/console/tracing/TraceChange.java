package dev.purekv.console.tracing;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.util.List;
import java.util.Map;

/**
 * Settings that are said for all models or for one; null where the more general ones hold.
 *
 * <p>Source: Triton r24.10, src/http_server.cc, HandleTrace, and docs/protocol/extension_trace.md. Differs: levels and
 * settings that are none are refused, where Triton ignores them, and so is a rate of 0, by which it would divide.
 */
record TraceChange(Boolean timestamps, Long rate, Long count, Long fileTraces) {
    static final TraceChange NONE = new TraceChange(null, null, null, null);
    private static final long MOST = Integer.MAX_VALUE;

    /**
     * @param wanted the values of each setting; none to clear it
     * @param hasFile whether traces could be written
     * @return this with what is wanted
     * @throws ServerException INVALID_ARG for what is no setting, UNSUPPORTED for what this server does not do
     */
    TraceChange with(Map<String, List<String>> wanted, boolean hasFile) {
        TraceChange changed = this;
        for (Map.Entry<String, List<String>> entry : wanted.entrySet()) {
            changed = changed.with(entry.getKey(), entry.getValue(), hasFile);
        }
        return changed;
    }

    private TraceChange with(String name, List<String> values, boolean hasFile) {
        return switch (name) {
            case "trace_level" -> new TraceChange(level(values, hasFile), rate, count, fileTraces);
            case "trace_rate" -> new TraceChange(timestamps, number(name, values, 1), count, fileTraces);
            case "trace_count" -> new TraceChange(timestamps, rate, number(name, values, -1), fileTraces);
            case "log_frequency" -> new TraceChange(timestamps, rate, count, number(name, values, 0));
            case "trace_file" -> throw unsupported("trace file location can not be updated through network protocol");
            case "trace_mode" ->
                throw unsupported("trace mode can not be updated through network protocol; it is 'triton'");
            default ->
                throw invalid("unknown trace setting '" + name
                        + "'; known are trace_level, trace_rate, trace_count and log_frequency");
        };
    }

    private static Boolean level(List<String> values, boolean hasFile) {
        if (values.isEmpty()) {
            return null;
        }
        if (values.equals(List.of("OFF"))) {
            return false;
        }
        for (String value : values) {
            switch (value) {
                case "TIMESTAMPS" -> {}
                case "TENSORS" -> throw unsupported("trace_level TENSORS is not supported; TIMESTAMPS and OFF are");
                case "OFF" -> throw invalid("Expect only one trace level 'OFF' is specified");
                default -> throw invalid("unknown trace_level '" + value + "'; supported are TIMESTAMPS and OFF");
            }
        }
        if (!hasFile) {
            throw unsupported("trace_level TIMESTAMPS needs a file for the traces, which cannot be named over the"
                    + " network: start the server with --purekv.trace-file=FILE");
        }
        return true;
    }

    private static Long number(String name, List<String> values, long least) {
        if (values.isEmpty()) {
            return null;
        }
        try {
            long number = Long.parseLong(values.get(0).strip());
            if (values.size() == 1 && number >= least && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw invalid("Unable to parse '" + name + "': expected one whole number from " + least + " to " + MOST
                + ", got " + values);
    }

    /** @return these settings, and the general ones where they are silent */
    TraceSettings over(TraceSettings general) {
        return new TraceSettings(
                timestamps == null ? general.timestamps() : timestamps,
                rate == null ? general.rate() : rate,
                count == null ? general.count() : count,
                fileTraces == null ? general.fileTraces() : fileTraces);
    }

    private static ServerException invalid(String message) {
        return new ServerException(Status.INVALID_ARG, message);
    }

    private static ServerException unsupported(String message) {
        return new ServerException(Status.UNSUPPORTED, message);
    }
}
