package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.TraceListener;
import dev.purekv.server.Tracing;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Error;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceRequest;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceRequestReleaseFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponse;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponseCompleteFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceTrace;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocator;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocatorAllocFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ResponseAllocatorReleaseFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inferences of one server, and the callbacks by which Triton answers them. Triton is given a number for each, never a Java
 * reference. The callbacks live as long as this object: Triton calls them from its own threads.
 */
final class Inferences implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Inferences.class);

    private final TRITONSERVER_Server server;
    private final TRITONSERVER_ResponseAllocator allocator = new TRITONSERVER_ResponseAllocator(null);
    private final Allocate allocate = new Allocate();
    private final Free free = new Free();
    private final Released released = new Released();
    private final Responded responded = new Responded();
    private final Map<Long, Inference> running = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final Traces traces = new Traces();
    private volatile Tracing tracing = request -> null;

    Inferences(TRITONSERVER_Server server) {
        this.server = server;
        check(TRITONSERVER_ResponseAllocatorNew(allocator, allocate, free, null));
    }

    void trace(Tracing wanted) {
        tracing = wanted;
    }

    RunningInference start(InferenceRequest request, long version, ResponseObserver observer) {
        long number = numbers.incrementAndGet();
        Inference inference = Inference.prepare(server, request, version, observer);
        try (PointerScope scope = new PointerScope()) {
            Number userp = new Number(number);
            check(TRITONSERVER_InferenceRequestSetReleaseCallback(inference.handle(), released, userp));
            check(TRITONSERVER_InferenceRequestSetResponseCallback(
                    inference.handle(), allocator, null, responded, userp));
            running.put(number, inference);
            hand(inference, tracing.begin(request));
        } catch (RuntimeException e) {
            running.remove(number);
            inference.delete();
            throw e;
        }
        return inference;
    }

    private void hand(Inference inference, TraceListener listener) {
        if (listener == null) {
            check(TRITONSERVER_ServerInferAsync(server, inference.handle(), null));
            return;
        }
        TRITONSERVER_InferenceTrace trace = traces.begin(listener);
        try {
            check(TRITONSERVER_ServerInferAsync(server, inference.handle(), trace));
        } catch (RuntimeException e) {
            traces.refused(trace, listener);
            throw e;
        }
    }

    /** Of requests and of their traces, which Triton may hold a little longer. */
    int outstanding() {
        return running.size() + traces.outstanding();
    }

    void cancelAll() {
        running.values().forEach(Inference::cancel);
    }

    /** After the server is deleted: nothing calls back any more. */
    @Override
    public void close() {
        check(TRITONSERVER_ResponseAllocatorDelete(allocator));
        traces.close();
        allocate.close();
        free.close();
        released.close();
        responded.close();
    }

    private void endIfDone(long number, Inference inference) {
        if (inference.done()) {
            running.remove(number);
            inference.delete();
        }
    }

    /** An address that is only a number. */
    private static final class Number extends Pointer {
        Number(long number) {
            address = number;
        }
    }

    /** Gives Triton memory for an output tensor. */
    private static final class Allocate extends TRITONSERVER_ResponseAllocatorAllocFn_t {
        @Override
        @SuppressWarnings("rawtypes") // the binding's own signature
        public TRITONSERVER_Error call(
                TRITONSERVER_ResponseAllocator allocator,
                String name,
                long bytes,
                int memory,
                long memoryId,
                Pointer userp,
                PointerPointer buffer,
                PointerPointer bufferUserp,
                IntPointer actualMemory,
                LongPointer actualMemoryId) {
            buffer.put(0, bytes == 0 ? null : malloc(bytes));
            bufferUserp.put(0, (Pointer) null);
            actualMemory.put(0, TRITONSERVER_MEMORY_CPU);
            actualMemoryId.put(0, 0);
            return null;
        }
    }

    /** Takes it back. */
    private static final class Free extends TRITONSERVER_ResponseAllocatorReleaseFn_t {
        @Override
        public TRITONSERVER_Error call(
                TRITONSERVER_ResponseAllocator allocator,
                Pointer buffer,
                Pointer bufferUserp,
                long bytes,
                int memory,
                long memoryId) {
            if (buffer != null) {
                free(buffer);
            }
            return null;
        }
    }

    /** Triton is done with a request's inputs. */
    private final class Released extends TRITONSERVER_InferenceRequestReleaseFn_t {
        @Override
        public void call(TRITONSERVER_InferenceRequest request, int flags, Pointer userp) {
            long number = userp.address();
            Inference inference = running.get(number);
            inference.released();
            endIfDone(number, inference);
        }
    }

    /** A response, or the mark of the end. */
    private final class Responded extends TRITONSERVER_InferenceResponseCompleteFn_t {
        @Override
        public void call(TRITONSERVER_InferenceResponse response, int flags, Pointer userp) {
            long number = userp.address();
            Inference inference = running.get(number);
            boolean last = (flags & TRITONSERVER_RESPONSE_COMPLETE_FINAL) != 0;
            try (PointerScope scope = new PointerScope()) {
                inference.responded(response, last);
            } catch (Throwable e) {
                LOG.error("an observer failed", e); // nothing may leave a callback
            }
            if (last) {
                endIfDone(number, inference);
            }
        }
    }
}
