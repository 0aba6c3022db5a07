package dev.purekv.console.grpc;

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

    SettingsControl(LogControl log, TraceControl trace) {
        this.log = log;
        this.trace = trace;
    }

    TraceSettingResponse trace(TraceSettingRequest request) {
        Map<String, List<String>> wanted = new HashMap<>();
        request.getSettingsMap().forEach((name, value) -> wanted.put(name, List.copyOf(value.getValueList())));
        trace.change(request.getModelName(), wanted);
        TraceSettingResponse.Builder response = TraceSettingResponse.newBuilder();
        trace.settings(request.getModelName())
                .forEach((name, value) -> response.putSettings(
                        name,
                        TraceSettingResponse.SettingValue.newBuilder()
                                .addAllValue(value)
                                .build()));
        return response.build();
    }

    LogSettingsResponse log(LogSettingsRequest request) {
        Map<String, Object> wanted = new HashMap<>();
        request.getSettingsMap().forEach((name, value) -> wanted.put(name, value(value)));
        log.change(wanted);
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
