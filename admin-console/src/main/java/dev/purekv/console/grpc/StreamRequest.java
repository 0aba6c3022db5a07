package dev.purekv.console.grpc;

import dev.purekv.console.patience.Cancelling;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelInferResponse;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One request of a stream and its responses. Source: Triton r24.10, src/grpc/stream_infer_handler.cc,
 * StreamInferResponseComplete.
 */
final class StreamRequest implements ResponseObserver {
    private final StreamCall stream;
    private final String model;
    private final String version;
    private final String id;
    private final HeldBytes held;

    /** How many of its messages wait for the client. */
    final AtomicInteger waiting = new AtomicInteger();

    /** Messages that wait for the responses of earlier requests, and whether all have come. Guarded by the stream. */
    final List<ModelStreamInferResponse> heldBack = new ArrayList<>();

    boolean done;

    /** Whether its messages found no room, and are dropped. Guarded by the stream. */
    boolean dropped;

    private ReadRequest read = new ReadRequest(null, false, Map.of());
    private boolean decoupled;
    private volatile RunningInference running;
    private volatile boolean stopWanted;

    StreamRequest(StreamCall stream, ModelInferRequest message, HeldBytes held) {
        this.stream = stream;
        this.model = message.getModelName();
        this.version = message.getModelVersion();
        this.id = message.getId();
        this.held = held;
    }

    /** For what is read on its behalf. */
    HeldBytes held() {
        return held;
    }

    /** @throws RuntimeException when the request is refused before it starts; no response comes then */
    void start(InferenceServer server, ReadRequest request, boolean mayAnswerOften) {
        read = request;
        decoupled = mayAnswerOften;
        RunningInference inference = server.infer(request.request(), this);
        running = inference;
        if (stopWanted) {
            Cancelling.cancel(inference);
        }
    }

    /** As a response that holds nothing but why, and whose request it is. */
    void refused(Status status) {
        release();
        ModelStreamInferResponse message = ModelStreamInferResponse.newBuilder()
                .setErrorMessage(text(status))
                .setInferResponse(ModelInferResponse.newBuilder().setId(id))
                .build();
        stream.answered(this, message, status, true);
    }

    private void release() {
        read.close();
        held.release();
    }

    @Override
    public void response(InferenceResponse response, boolean last) {
        ModelStreamInferResponse message = null;
        Status failure = null;
        try {
            if (response != null) {
                message = ModelStreamInferResponse.newBuilder()
                        .setInferResponse(
                                Answers.of(response, read.windows()).putParameters(Answers.FINAL, Answers.flag(last)))
                        .build();
            } else if (last && decoupled && read.emptyFinal()) {
                message = ModelStreamInferResponse.newBuilder()
                        .setInferResponse(nothing(true))
                        .build();
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            failure = Statuses.of(e);
            message = ModelStreamInferResponse.newBuilder()
                    .setErrorMessage(text(failure))
                    .setInferResponse(nothing(last))
                    .build();
        }
        if (last) {
            release(); // before the client hears of it: it may unregister its shared memory at once
        }
        stream.answered(this, message, failure, last);
    }

    private ModelInferResponse.Builder nothing(boolean last) {
        return ModelInferResponse.newBuilder()
                .setId(id)
                .setModelName(model)
                .setModelVersion(version)
                .putParameters(Answers.FINAL, Answers.flag(last));
    }

    /** As the last of its responses. */
    ModelStreamInferResponse failure(Status status) {
        return ModelStreamInferResponse.newBuilder()
                .setErrorMessage(text(status))
                .setInferResponse(nothing(true))
                .build();
    }

    /** Whether no message of it waits. Guarded by the stream. */
    boolean nothingWaits() {
        return waiting.get() == 0 && heldBack.isEmpty();
    }

    private static String text(Status status) {
        String words = status.getDescription();
        return words == null || words.isEmpty() ? status.getCode().name() : words; // empty would mean no error
    }

    void cancel() {
        stopWanted = true;
        Cancelling.cancel(running);
    }
}
