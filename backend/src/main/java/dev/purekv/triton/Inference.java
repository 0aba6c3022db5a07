package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static dev.purekv.triton.ServerApi.text;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.RequestedOutput;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.Scheduling;
import dev.purekv.server.ServerException;
import dev.purekv.server.TensorData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceRequest;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceResponse;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One inference: Triton's request object and the memory of its inputs. Both may go only when Triton has released the request
 * and given the last response, whichever comes last; a cancellation may come at any time before or after.
 */
final class Inference implements RunningInference {
    private static final Logger LOG = LoggerFactory.getLogger(Inference.class);

    private final TRITONSERVER_InferenceRequest handle = new TRITONSERVER_InferenceRequest(null);
    private final List<BytePointer> buffers = new ArrayList<>();
    private final ResponseObserver observer;
    private final ResponseReader reader;
    private boolean released;
    private boolean answered;
    private boolean deleted;

    private Inference(ResponseObserver observer, ResponseReader reader) {
        this.observer = observer;
        this.reader = reader;
    }

    static Inference prepare(
            TRITONSERVER_Server server, InferenceRequest request, long version, ResponseObserver observer) {
        Inference inference = new Inference(observer, ResponseReader.of(server, request, version));
        try (PointerScope scope = new PointerScope()) {
            check(TRITONSERVER_InferenceRequestNew(inference.handle, server, text(request.model()), version));
            inference.fill(request);
            return inference;
        } catch (RuntimeException | OutOfMemoryError e) {
            inference.delete();
            throw e;
        }
    }

    private void fill(InferenceRequest request) {
        if (!request.id().isEmpty()) {
            check(TRITONSERVER_InferenceRequestSetId(handle, text(request.id())));
        }
        for (TensorData input : request.inputs()) {
            int type = datatype(input);
            check(TRITONSERVER_InferenceRequestAddInput(
                    handle, text(input.name()), type, new LongPointer(input.shape()), input.shape().length));
            if (input.data().length > 0) {
                BytePointer buffer = new BytePointer(input.data()).retainReference(); // outlives the scope
                buffers.add(buffer);
                check(TRITONSERVER_InferenceRequestAppendInputData(
                        handle, text(input.name()), buffer, input.data().length, TRITONSERVER_MEMORY_CPU, 0));
            }
        }
        for (RequestedOutput output : request.outputs()) {
            check(TRITONSERVER_InferenceRequestAddRequestedOutput(handle, text(output.name())));
        }
        request.parameters().forEach(this::parameter);
        check(TRITONSERVER_InferenceRequestSetIntParameter(handle, text(Envelope.ARRIVED), System.nanoTime()));
        schedule(request.scheduling());
    }

    private void schedule(Scheduling wanted) {
        if (wanted.sequence() instanceof Long number) {
            check(TRITONSERVER_InferenceRequestSetCorrelationId(handle, number));
        } else if (wanted.sequence() instanceof String name) {
            check(TRITONSERVER_InferenceRequestSetCorrelationIdString(handle, text(name)));
        }
        int flags = (wanted.sequenceStart() ? TRITONSERVER_REQUEST_FLAG_SEQUENCE_START : 0)
                | (wanted.sequenceEnd() ? TRITONSERVER_REQUEST_FLAG_SEQUENCE_END : 0);
        check(TRITONSERVER_InferenceRequestSetFlags(handle, flags));
        check(TRITONSERVER_InferenceRequestSetPriorityUInt64(handle, wanted.priority()));
        check(TRITONSERVER_InferenceRequestSetIntParameter(handle, text(Envelope.PRIORITY), wanted.priority()));
        check(TRITONSERVER_InferenceRequestSetTimeoutMicroseconds(handle, wanted.timeoutMicros()));
    }

    private static int datatype(TensorData input) {
        for (Datatype each : Datatype.values()) {
            if (each != Datatype.INVALID && each.name().equals(input.datatype())) {
                return each.ordinal();
            }
        }
        throw new ServerException(
                ServerException.Status.INVALID_ARG,
                "input '" + input.name() + "' has unknown datatype '" + input.datatype() + "'");
    }

    private void parameter(String name, Object value) {
        if (Envelope.owns(name)) {
            return; // not the client's to say
        }
        BytePointer key = text(name);
        if (value instanceof String words) {
            check(TRITONSERVER_InferenceRequestSetStringParameter(handle, key, text(words)));
        } else if (value instanceof Long number) {
            check(TRITONSERVER_InferenceRequestSetIntParameter(handle, key, number));
        } else if (value instanceof Boolean flag) {
            check(TRITONSERVER_InferenceRequestSetBoolParameter(handle, key, flag));
        } else if (value instanceof Double number) {
            check(TRITONSERVER_InferenceRequestSetDoubleParameter(handle, key, number));
        } else {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "parameter '" + name + "' has invalid type. It should be either 'int', 'bool', or 'string'.");
        }
    }

    TRITONSERVER_InferenceRequest handle() {
        return handle;
    }

    @Override
    public synchronized void cancel() {
        if (!deleted && !answered) {
            check(TRITONSERVER_InferenceRequestCancel(handle));
        }
    }

    synchronized void released() {
        released = true;
    }

    /** Takes the response. */
    void responded(TRITONSERVER_InferenceResponse response, boolean last) {
        if (last) {
            synchronized (this) {
                answered = true;
            }
        }
        boolean empty = response == null || response.isNull();
        try {
            observer.response(empty ? null : read(response), last);
        } finally {
            if (!empty) {
                check(TRITONSERVER_InferenceResponseDelete(response));
            }
        }
    }

    /** Whoever waits must hear of the end, also where a response cannot be read. */
    private InferenceResponse read(TRITONSERVER_InferenceResponse response) {
        try {
            return reader.read(response);
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("reading a response failed", e);
            ServerException why = new ServerException(
                    ServerException.Status.INTERNAL, "the response cannot be read: " + e.getMessage());
            return new InferenceResponse("", "", "", List.of(), Map.of(), why);
        }
    }

    synchronized boolean done() {
        return released && answered && !deleted;
    }

    synchronized void delete() {
        if (deleted) {
            return;
        }
        deleted = true;
        try {
            if (!handle.isNull()) { // null when Triton refused to make it
                check(TRITONSERVER_InferenceRequestDelete(handle));
            }
        } catch (ServerException e) {
            LOG.error("a request cannot be deleted: {}", e.getMessage());
        }
        buffers.forEach(BytePointer::close);
    }
}
