package dev.purekv.console.grpc;

import dev.purekv.server.InferenceServer;
import dev.purekv.server.LogSettings;
import inference.GrpcService.LogSettingsRequest;
import inference.GrpcService.LogSettingsRequest.SettingValue;
import inference.GrpcService.LogSettingsRequest.SettingValue.ParameterChoiceCase;
import inference.GrpcService.LogSettingsResponse;
import inference.GrpcService.TraceSettingRequest;
import inference.GrpcService.TraceSettingResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/**
 * The settings of log and trace. Source: Triton r24.10, src/grpc/grpc_server.cc, RegisterLogging and RegisterTrace.
 *
 * <p>Differs: this server records no traces. Its trace settings are those of a Triton that traces nothing, and a change
 * that asks for a trace is refused; settings without meaning then, such as the rate, are refused too.
 */
@Component
final class SettingsControl {
    private static final Map<String, List<String>> NO_TRACE = Map.of(
            "trace_file", List.of(""),
            "trace_level", List.of("OFF"),
            "trace_rate", List.of("1000"),
            "trace_count", List.of("-1"),
            "log_frequency", List.of("0"),
            "trace_mode", List.of("triton"));

    private final InferenceServer server;

    SettingsControl(InferenceServer server) {
        this.server = server;
    }

    TraceSettingResponse trace(TraceSettingRequest request) {
        if (!request.getModelName().isEmpty() && !server.modelReady(request.getModelName(), "")) {
            throw Statuses.invalid("Request for unknown model : " + request.getModelName());
        }
        request.getSettingsMap().forEach((name, value) -> {
            List<String> only = NO_TRACE.get(name);
            // No value clears a setting, back to what it is anyway.
            if (only == null || value.getValueCount() > 0 && !only.equals(List.copyOf(value.getValueList()))) {
                throw Statuses.unsupported("trace setting '" + name + "' cannot be changed to " + value.getValueList()
                        + ": this server records no traces");
            }
        });
        TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
        NO_TRACE.forEach((name, value) -> response.putSettings(
                name,
                TraceSettingResponse.SettingValue.newBuilder()
                        .addAllValue(value)
                        .build()));
        return response.build();
    }

    LogSettingsResponse log(LogSettingsRequest request) {
        if (request.getSettingsCount() > 0) {
            server.changeLog(changed(server.logSettings(), new TreeMap<>(request.getSettingsMap())));
        }
        LogSettings now = server.logSettings();
        return LogSettingsResponse.newBuilder()
                .putSettings("log_file", value().setStringParam("").build())
                .putSettings("log_info", value().setBoolParam(now.info()).build())
                .putSettings("log_warning", value().setBoolParam(now.warning()).build())
                .putSettings("log_error", value().setBoolParam(now.error()).build())
                .putSettings(
                        "log_verbose_level",
                        value().setUint32Param(now.verboseLevel()).build())
                .putSettings(
                        "log_format",
                        value().setStringParam(now.iso8601() ? "ISO8601" : "default")
                                .build())
                .build();
    }

    private static LogSettingsResponse.SettingValue.Builder value() {
        return LogSettingsResponse.SettingValue.newBuilder();
    }

    private static LogSettings changed(LogSettings now, Map<String, SettingValue> wanted) {
        if (wanted.containsKey("log_file")) {
            throw Statuses.unsupported("log file location can not be updated through network protocol");
        }
        Set<String> known = Set.of("log_info", "log_warning", "log_error", "log_verbose_level", "log_format");
        for (String name : wanted.keySet()) {
            if (!known.contains(name)) {
                throw Statuses.invalid("unknown log setting '" + name + "'; known are " + new TreeSet<>(known));
            }
        }
        return new LogSettings(
                flag(wanted, "log_info", now.info()),
                flag(wanted, "log_warning", now.warning()),
                flag(wanted, "log_error", now.error()),
                level(wanted.get("log_verbose_level"), now.verboseLevel()),
                iso8601(wanted.get("log_format"), now.iso8601()));
    }

    private static boolean flag(Map<String, SettingValue> wanted, String name, boolean now) {
        SettingValue value = wanted.get(name);
        if (value == null) {
            return now;
        }
        require(name, value, ParameterChoiceCase.BOOL_PARAM, "boolean");
        return value.getBoolParam();
    }

    private static int level(SettingValue value, int now) {
        if (value == null) {
            return now;
        }
        require("log_verbose_level", value, ParameterChoiceCase.UINT32_PARAM, "uint32");
        return value.getUint32Param();
    }

    private static boolean iso8601(SettingValue value, boolean now) {
        if (value == null) {
            return now;
        }
        require("log_format", value, ParameterChoiceCase.STRING_PARAM, "string");
        return switch (value.getStringParam()) {
            case "ISO8601" -> true;
            case "default" -> false;
            default ->
                throw Statuses.invalid("invalid argument for log_format, expected 'default' or 'ISO8601', got: "
                        + value.getStringParam());
        };
    }

    private static void require(String name, SettingValue value, ParameterChoiceCase type, String words) {
        if (value.getParameterChoiceCase() != type) {
            throw Statuses.invalid("expect " + words + " for '" + name + "'");
        }
    }
}
