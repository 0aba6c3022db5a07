package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static dev.purekv.triton.ServerApi.text;
import static dev.purekv.triton.StageRepository.STAGE;
import static dev.purekv.triton.StageRepository.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.model.ModelFamily;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceRequest;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceRequestReleaseFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponse;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponseCompleteFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocator;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocatorAllocFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocatorReleaseFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inputs that their sender says are on a GPU, which no front end of ours does: straight through the C API. */
class GpuMemoryTest {
    @TempDir
    Path repository;

    private final CompletableFuture<ServerException> answer = new CompletableFuture<>();
    private final CountDownLatch released = new CountDownLatch(1);

    private final class Released extends TRITONSERVER_InferenceRequestReleaseFn_t {
        @Override
        public void call(TRITONSERVER_InferenceRequest request, int flags, Pointer userp) {
            check(TRITONSERVER_InferenceRequestDelete(request));
            released.countDown();
        }
    }

    private final class Responded extends TRITONSERVER_InferenceResponseCompleteFn_t {
        @Override
        public void call(TRITONSERVER_InferenceResponse response, int flags, Pointer userp) {
            answer.complete(ServerApi.exception(TRITONSERVER_InferenceResponseError(response)));
            check(TRITONSERVER_InferenceResponseDelete(response));
        }
    }

    @Test
    void tensorsOnAGpuAreRefusedAndReleased() throws Exception {
        StageRepository.add(repository, "cut", STAGE);
        Path backends = NativeLibraries.load();
        BackendApi.attach(new Backend(ModelFamily::open));
        TRITONSERVER_Server server = new TRITONSERVER_Server(null);
        TRITONSERVER_ResponseAllocator allocator = new TRITONSERVER_ResponseAllocator(null);
        try (PointerScope scope = new PointerScope();
                ServerOptions options = ServerOptions.of(EmbeddedServerOptions.of(repository), backends);
                Released release = new Released();
                Responded respond = new Responded();
                // An error needs no memory: neither is called.
                Pointer allocate = new TRITONSERVER_ResponseAllocatorAllocFn_t(null);
                Pointer free = new TRITONSERVER_ResponseAllocatorReleaseFn_t(null)) {
            check(TRITONSERVER_ServerNew(server, options.handle()));
            check(TRITONSERVER_ServerLoadModel(server, text("cut")));
            check(TRITONSERVER_ResponseAllocatorNew(
                    allocator,
                    (TRITONSERVER_ResponseAllocatorAllocFn_t) allocate,
                    (TRITONSERVER_ResponseAllocatorReleaseFn_t) free,
                    null));
            TRITONSERVER_InferenceRequest request = new TRITONSERVER_InferenceRequest(null);
            check(TRITONSERVER_InferenceRequestNew(request, server, text("cut"), -1));
            for (TensorData each : List.of(
                    floats("OBSERVED_ATTENTION", 1, 2, 4, 50),
                    floats("KEYS", 1, 2, 50, 4),
                    floats("VALUES", 1, 2, 50, 4))) {
                check(TRITONSERVER_InferenceRequestAddInput(
                        request, text(each.name()), Datatype.FP32.ordinal(), new LongPointer(each.shape()), 3));
                BytePointer data = new BytePointer(each.data());
                int memory = each.name().equals("VALUES") ? TRITONSERVER_MEMORY_GPU : TRITONSERVER_MEMORY_CPU;
                check(TRITONSERVER_InferenceRequestAppendInputData(
                        request, text(each.name()), data, each.data().length, memory, 0));
            }
            check(TRITONSERVER_InferenceRequestSetReleaseCallback(request, release, null));
            check(TRITONSERVER_InferenceRequestSetResponseCallback(request, allocator, null, respond, null));
            check(TRITONSERVER_ServerInferAsync(server, request, null));
            ServerException error = answer.get(30, TimeUnit.SECONDS);
            assertThat(error).hasMessageContaining("must be in CPU memory");
            assertThat(error.status()).isEqualTo(ServerException.Status.UNSUPPORTED);
            assertThat(released.await(30, TimeUnit.SECONDS)).isTrue();
            check(TRITONSERVER_ServerStop(server));
            check(TRITONSERVER_ServerDelete(server));
            check(TRITONSERVER_ResponseAllocatorDelete(allocator));
        }
    }
}
