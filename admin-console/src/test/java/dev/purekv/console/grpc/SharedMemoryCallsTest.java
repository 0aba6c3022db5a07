package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.GrpcClient.input;
import static dev.purekv.console.grpc.GrpcClient.number;
import static dev.purekv.console.grpc.GrpcClient.request;
import static dev.purekv.console.grpc.GrpcClient.statusOf;
import static dev.purekv.console.grpc.GrpcClient.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferRequest.InferRequestedOutputTensor;
import inference.GrpcService.ModelInferResponse;
import inference.GrpcService.SystemSharedMemoryRegisterRequest;
import inference.GrpcService.SystemSharedMemoryStatusRequest;
import inference.GrpcService.SystemSharedMemoryStatusResponse.RegionStatus;
import inference.GrpcService.SystemSharedMemoryUnregisterRequest;
import io.grpc.Status.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SharedMemoryCallsTest {
    private static Map<String, InferParameter> at(long offset, long bytes) {
        return Map.of(
                "shared_memory_region", text("r"),
                "shared_memory_offset", number(offset),
                "shared_memory_byte_size", number(bytes));
    }

    private static ModelInferRequest mirrored(long outputBytes) {
        return request("mirror")
                .addInputs(input("x", "UINT8", 4).putAllParameters(at(0, 4)))
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("x").putAllParameters(at(4, outputBytes)))
                .build();
    }

    @Test
    void tensorsComeFromSharedMemoryAndGoThere() throws Exception {
        String key = "/purekv-test-" + UUID.randomUUID();
        Path object = Path.of("/dev/shm" + key);
        Files.write(object, new byte[] {4, 3, 2, 1, 0, 0, 0, 0});
        try (RunningConsole console = RunningConsole.start();
                GrpcClient client = new GrpcClient(console)) {
            client.blocking()
                    .systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.newBuilder()
                            .setName("r")
                            .setKey(key)
                            .setByteSize(8)
                            .build());
            RegionStatus status = client.blocking()
                    .systemSharedMemoryStatus(SystemSharedMemoryStatusRequest.getDefaultInstance())
                    .getRegionsOrThrow("r");
            assertThat(status.getKey()).isEqualTo(key);
            assertThat(status.getByteSize()).isEqualTo(8);

            ModelInferResponse response = client.blocking().modelInfer(mirrored(4));
            assertThat(response.getOutputs(0).getShapeList()).containsExactly(4L);
            assertThat(response.getRawOutputContents(0).isEmpty()).isTrue();
            assertThat(Files.readAllBytes(object)).containsExactly(4, 3, 2, 1, 4, 3, 2, 1);

            assertThat(statusOf(() -> client.blocking().modelInfer(mirrored(3))).getCode())
                    .isEqualTo(Code.INTERNAL);
            assertThat(statusOf(() -> client.blocking().modelInfer(mirrored(5))).getCode())
                    .isEqualTo(Code.INVALID_ARGUMENT);

            client.blocking()
                    .systemSharedMemoryUnregister(SystemSharedMemoryUnregisterRequest.newBuilder()
                            .setName("r")
                            .build());
            assertThat(statusOf(() -> client.blocking().modelInfer(mirrored(4))).getCode())
                    .isEqualTo(Code.NOT_FOUND);
        } finally {
            Files.delete(object);
        }
    }
}
