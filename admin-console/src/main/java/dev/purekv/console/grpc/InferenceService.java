package dev.purekv.console.grpc;

import static dev.purekv.console.grpc.TritonJson.into;

import com.google.protobuf.Message;
import dev.purekv.console.audit.DoorAudit.Program;
import dev.purekv.console.keys.Admission;
import dev.purekv.server.InferenceServer;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import inference.GrpcService.*;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** {@code inference.GRPCInferenceService}: every RPC of Triton's protocol, answered by the server behind the door. */
@Component
final class InferenceService extends GRPCInferenceServiceImplBase {
    private final InferenceServer server;
    private final InferenceCalls inferences;
    private final RepositoryControl repository;
    private final SharedMemoryControl memory;
    private final SettingsControl settings;
    private final GrpcThreads threads;

    InferenceService(
            InferenceServer server,
            InferenceCalls inferences,
            RepositoryControl repository,
            SharedMemoryControl memory,
            SettingsControl settings,
            GrpcThreads threads) {
        this.server = server;
        this.inferences = inferences;
        this.repository = repository;
        this.memory = memory;
        this.settings = settings;
        this.threads = threads;
    }

    private static <T extends Message> void answer(StreamObserver<T> observer, Supplier<T> work) {
        T message;
        try {
            message = work.get();
        } catch (RuntimeException | OutOfMemoryError e) {
            observer.onError(Statuses.of(e).asRuntimeException());
            return;
        }
        observer.onNext(message);
        observer.onCompleted();
    }

    private static <T extends Message> void answerOn(Executor executor, StreamObserver<T> observer, Supplier<T> work) {
        try {
            executor.execute(() -> answer(observer, work));
        } catch (RuntimeException e) {
            observer.onError(Statuses.of(e).asRuntimeException());
        }
    }

    @Override
    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
        inferences.one(request, observer);
    }

    @Override
    public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> observer) {
        return inferences.stream(observer);
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
        answer(
                observer,
                () -> ServerLiveResponse.newBuilder().setLive(server.live()).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
        answer(
                observer,
                () -> ServerReadyResponse.newBuilder().setReady(server.ready()).build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
        answer(
                observer,
                () -> ModelReadyResponse.newBuilder()
                        .setReady(server.modelReady(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
        answer(
                observer,
                () -> into(ServerMetadataResponse.newBuilder(), server.metadata())
                        .build());
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
        answer(
                observer,
                () -> into(
                                ModelMetadataResponse.newBuilder(),
                                server.modelMetadata(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
        answer(observer, () -> {
            ModelConfigResponse.Builder response = ModelConfigResponse.newBuilder();
            into(response.getConfigBuilder(), server.modelConfig(request.getName(), request.getVersion()));
            return response.build();
        });
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
        answer(
                observer,
                () -> into(
                                ModelStatisticsResponse.newBuilder(),
                                server.statistics(request.getName(), request.getVersion()))
                        .build());
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
        answer(observer, () -> repository.index(request));
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
        Program who = Admission.program();
        answerOn(threads.loads(), observer, () -> repository.load(request, who));
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> observer) {
        Program who = Admission.program();
        answerOn(threads.loads(), observer, () -> repository.unload(request, who));
    }

    @Override
    public void systemSharedMemoryStatus(
            SystemSharedMemoryStatusRequest request, StreamObserver<SystemSharedMemoryStatusResponse> observer) {
        answer(observer, () -> memory.status(request));
    }

    @Override
    public void systemSharedMemoryRegister(
            SystemSharedMemoryRegisterRequest request, StreamObserver<SystemSharedMemoryRegisterResponse> observer) {
        answer(observer, () -> memory.register(request));
    }

    @Override
    public void systemSharedMemoryUnregister(
            SystemSharedMemoryUnregisterRequest request,
            StreamObserver<SystemSharedMemoryUnregisterResponse> observer) {
        answer(observer, () -> memory.unregister(request));
    }

    @Override
    public void cudaSharedMemoryStatus(
            CudaSharedMemoryStatusRequest request, StreamObserver<CudaSharedMemoryStatusResponse> observer) {
        answer(observer, () -> memory.cudaStatus(request));
    }

    @Override
    public void cudaSharedMemoryRegister(
            CudaSharedMemoryRegisterRequest request, StreamObserver<CudaSharedMemoryRegisterResponse> observer) {
        answer(observer, () -> {
            throw SharedMemoryControl.noCuda();
        });
    }

    @Override
    public void cudaSharedMemoryUnregister(
            CudaSharedMemoryUnregisterRequest request, StreamObserver<CudaSharedMemoryUnregisterResponse> observer) {
        answer(observer, () -> memory.cudaUnregister(request));
    }

    @Override
    public void traceSetting(TraceSettingRequest request, StreamObserver<TraceSettingResponse> observer) {
        answer(observer, () -> settings.trace(request, Admission.program()));
    }

    @Override
    public void logSettings(LogSettingsRequest request, StreamObserver<LogSettingsResponse> observer) {
        answer(observer, () -> settings.log(request, Admission.program()));
    }
}
