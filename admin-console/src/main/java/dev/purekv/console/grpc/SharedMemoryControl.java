package dev.purekv.console.grpc;

import dev.purekv.console.sharedmemory.Region;
import dev.purekv.console.sharedmemory.SharedMemory;
import dev.purekv.server.ServerException;
import inference.GrpcService.CudaSharedMemoryStatusRequest;
import inference.GrpcService.CudaSharedMemoryStatusResponse;
import inference.GrpcService.CudaSharedMemoryUnregisterRequest;
import inference.GrpcService.CudaSharedMemoryUnregisterResponse;
import inference.GrpcService.SystemSharedMemoryRegisterRequest;
import inference.GrpcService.SystemSharedMemoryRegisterResponse;
import inference.GrpcService.SystemSharedMemoryStatusRequest;
import inference.GrpcService.SystemSharedMemoryStatusResponse;
import inference.GrpcService.SystemSharedMemoryUnregisterRequest;
import inference.GrpcService.SystemSharedMemoryUnregisterResponse;
import org.springframework.stereotype.Component;

/**
 * Registers shared memory. That of CUDA is not supported: none can be registered, so none is there; asking for all of it and
 * unregistering all of it work, for clients do so before anything else.
 */
@Component
final class SharedMemoryControl {
    private final SharedMemory memory;

    SharedMemoryControl(SharedMemory memory) {
        this.memory = memory;
    }

    SystemSharedMemoryStatusResponse status(SystemSharedMemoryStatusRequest request) {
        SystemSharedMemoryStatusResponse.Builder response = SystemSharedMemoryStatusResponse.newBuilder();
        for (Region region : memory.status(request.getName())) {
            response.putRegions(
                    region.name(),
                    SystemSharedMemoryStatusResponse.RegionStatus.newBuilder()
                            .setName(region.name())
                            .setKey(region.key())
                            .setOffset(region.offset())
                            .setByteSize(region.bytes())
                            .build());
        }
        return response.build();
    }

    SystemSharedMemoryRegisterResponse register(SystemSharedMemoryRegisterRequest request) {
        memory.register(new Region(request.getName(), request.getKey(), request.getOffset(), request.getByteSize()));
        return SystemSharedMemoryRegisterResponse.getDefaultInstance();
    }

    SystemSharedMemoryUnregisterResponse unregister(SystemSharedMemoryUnregisterRequest request) {
        if (request.getName().isEmpty()) {
            memory.unregisterAll();
        } else {
            memory.unregister(request.getName());
        }
        return SystemSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    CudaSharedMemoryStatusResponse cudaStatus(CudaSharedMemoryStatusRequest request) {
        if (!request.getName().isEmpty()) {
            throw noCuda();
        }
        return CudaSharedMemoryStatusResponse.getDefaultInstance();
    }

    CudaSharedMemoryUnregisterResponse cudaUnregister(CudaSharedMemoryUnregisterRequest request) {
        if (!request.getName().isEmpty()) {
            throw noCuda();
        }
        return CudaSharedMemoryUnregisterResponse.getDefaultInstance();
    }

    static ServerException noCuda() {
        return Statuses.unsupported("CUDA shared memory is not supported; use system shared memory or send the data");
    }
}
