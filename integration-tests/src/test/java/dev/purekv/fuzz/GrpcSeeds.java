package dev.purekv.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.purekv.it.GrpcRequests;
import inference.GrpcService.*;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Messages that the server answers, by the name of their method. */
final class GrpcSeeds {
    private static final String MODEL = "kv_compression";

    private final Map<String, Message> messages = new TreeMap<>();
    private final List<String> names;

    GrpcSeeds() {
        add("ServerLive", ServerLiveRequest.getDefaultInstance());
        add("ServerReady", ServerReadyRequest.getDefaultInstance());
        add("ServerMetadata", ServerMetadataRequest.getDefaultInstance());
        add("ModelReady", ModelReadyRequest.newBuilder().setName(MODEL).build());
        add("ModelMetadata", ModelMetadataRequest.newBuilder().setName(MODEL).build());
        add("ModelConfig", ModelConfigRequest.newBuilder().setName(MODEL).build());
        add(
                "ModelStatistics",
                ModelStatisticsRequest.newBuilder().setName(MODEL).build());
        add(
                "RepositoryIndex",
                RepositoryIndexRequest.newBuilder().setReady(true).build());
        add(
                "RepositoryModelUnload",
                RepositoryModelUnloadRequest.newBuilder().setModelName("spare").build());
        add(
                "RepositoryModelLoad",
                RepositoryModelLoadRequest.newBuilder()
                        .setModelName("spare")
                        .putParameters(
                                "config",
                                ModelRepositoryParameter.newBuilder()
                                        .setStringParam(
                                                "{\"backend\":\"purekv\",\"parameters\":{\"stage\":{\"string_value\":\""
                                                        + MODEL + "\"}}}")
                                        .build())
                        .build());
        add("SystemSharedMemoryStatus", SystemSharedMemoryStatusRequest.getDefaultInstance());
        add(
                "SystemSharedMemoryRegister",
                SystemSharedMemoryRegisterRequest.newBuilder()
                        .setName("r")
                        .setKey("/purekv_fuzz")
                        .setByteSize(64)
                        .build());
        add(
                "SystemSharedMemoryUnregister",
                SystemSharedMemoryUnregisterRequest.newBuilder().setName("r").build());
        add("CudaSharedMemoryStatus", CudaSharedMemoryStatusRequest.getDefaultInstance());
        add(
                "CudaSharedMemoryRegister",
                CudaSharedMemoryRegisterRequest.newBuilder()
                        .setRawHandle(ByteString.copyFromUtf8("x"))
                        .build());
        add("CudaSharedMemoryUnregister", CudaSharedMemoryUnregisterRequest.getDefaultInstance());
        add("TraceSetting", TraceSettingRequest.newBuilder().setModelName(MODEL).build());
        add(
                "LogSettings",
                LogSettingsRequest.newBuilder()
                        .putSettings(
                                "log_info",
                                LogSettingsRequest.SettingValue.newBuilder()
                                        .setBoolParam(false)
                                        .build())
                        .build());
        add("ModelInfer", GrpcRequests.stage(6).build());
        add("ModelStreamInfer", GrpcRequests.longQuestion("7", 3).build());
        names = List.copyOf(messages.keySet());
    }

    private void add(String method, Message message) {
        messages.put(method, message);
    }

    /** Half of them run something. */
    String method(Random random) {
        return switch (random.nextInt(6)) {
            case 0, 1 -> "ModelInfer";
            case 2 -> "ModelStreamInfer";
            default -> names.get(random.nextInt(names.size()));
        };
    }

    Message message(String method, Random random) {
        if (method.equals("ModelStreamInfer") && random.nextBoolean()) {
            return messages.get("ModelInfer");
        }
        return messages.get(method);
    }
}
