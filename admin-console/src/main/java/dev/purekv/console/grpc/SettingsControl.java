package dev.purekv.console.grpc;

import dev.purekv.console.audit.DoorAudit;
import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.logging.LogControl;
import dev.purekv.console.tracing.TraceControl;
import inference.GrpcService.LogSettingsRequest;
import inference.GrpcService.LogSettingsResponse;
import inference.GrpcService.TraceSettingRequest;
import inference.GrpcService.TraceSettingResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The settings of log and trace as messages. Source: Triton r24.10, src/grpc/grpc_server.cc. */
@Component
final class SettingsControl {
    private final LogControl log;
    private final TraceControl trace;
    private final DoorAudit audit;

    SettingsControl(LogControl log, TraceControl trace, DoorAudit audit) {
        this.log = log;
        this.trace = trace;
        this.audit = audit;
    }

    TraceSettingResponse trace(TraceSettingRequest request, Program who) {
        Map<String, List<String>> wanted = new HashMap<>();
        request.getSettingsMap().forEach((name, value) -> wanted.put(name, List.copyOf(value.getValueList())));
        if (!wanted.isEmpty()) {
            String model = request.getModelName();
            audit.change(who, "trace settings", model, wanted + " over gRPC", () -> trace.change(model, wanted));
        }
        TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
        trace.settings(request.getModelName())
                .forEach((name, value) -> response.putSettings(
                        name,
                        TraceSettingResponse.SettingValue.newBuilder()
                                .addAllValue(value)
                                .build()));
        return response.build();
    }

    LogSettingsResponse log(LogSettingsRequest request, Program who) {
        Map<String, Object> wanted = new HashMap<>();
        request.getSettingsMap().forEach((name, value) -> wanted.put(name, value(value)));
        if (!wanted.isEmpty()) {
            audit.change(who, "log settings", "", wanted + " over gRPC", () -> log.change(wanted));
        }
        LogSettingsResponse.Builder response = LogSettingsResponse.newBuilder();
        log.settings().forEach((name, value) -> response.putSettings(name, value(value)));
        return response.build();
    }

    private static Object value(LogSettingsRequest.SettingValue value) {
        return switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> value.getBoolParam();
            case UINT32_PARAM -> Integer.toUnsignedLong(value.getUint32Param());
            case STRING_PARAM -> value.getStringParam();
            case PARAMETERCHOICE_NOT_SET -> "nothing";
        };
    }

    private static LogSettingsResponse.SettingValue value(Object value) {
        LogSettingsResponse.SettingValue.Builder message = LogSettingsResponse.SettingValue.newBuilder();
        if (value instanceof Boolean flag) {
            message.setBoolParam(flag);
        } else if (value instanceof Integer number) {
            message.setUint32Param(number);
        } else {
            message.setStringParam(value.toString());
        }
        return message.build();
    }
}
