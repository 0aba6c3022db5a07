package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.TensorData;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one answer of {@code infer}: JSON, and after it the outputs that were asked for as binary data. Those that go to shared
 * memory are written there when it is made.
 */
final class InferForm implements ReplyForm {
    private static final String NOT_ONE = "infer expects model to produce exactly 1 response";

    private final AskedInference asked;
    private final ContentCoding coding;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private int responses;
    private int status = 200;
    private String contentType = Replies.JSON;
    private byte[] answer;

    /** @param coding of the answer, unless it is an error */
    InferForm(AskedInference asked, ContentCoding coding) {
        this.asked = asked;
        this.coding = coding;
    }

    @Override
    public String contentType() {
        return contentType;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public boolean settled() {
        return responses > 1;
    }

    @Override
    public byte[] take(InferenceResponse response, boolean last) {
        if (response != null) {
            responses++;
            if (responses == 1) {
                render(response);
            }
        }
        if (!last) {
            return null;
        }
        if (responses != 1) {
            refuse(new Refusal(500, NOT_ONE));
        }
        close(); // before the client hears of it: it may unregister its shared memory at once
        headers.put("Content-Length", Integer.toString(answer.length));
        return answer;
    }

    private void render(InferenceResponse response) {
        try {
            if (response.error() != null) {
                throw response.error();
            }
            byte[] json = ResponseJson.infer(response, this::place);
            for (TensorData output : response.outputs()) {
                if (place(output) == OutputPlace.SHARED) {
                    asked.windows().get(output.name()).write(output.data());
                }
            }
            byte[] whole = json;
            if (response.outputs().stream().anyMatch(this::isBinary)) {
                contentType = "application/octet-stream";
                headers.put("Inference-Header-Content-Length", Integer.toString(json.length));
                whole = withData(json, response);
            }
            answer = coding.encode(whole);
            if (coding != ContentCoding.IDENTITY) {
                headers.put("Content-Encoding", coding.word());
            }
        } catch (RuntimeException e) {
            refuse(Refusal.of(e));
        }
    }

    private OutputPlace place(TensorData output) {
        if (asked.windows().containsKey(output.name())) {
            return OutputPlace.SHARED;
        }
        return asked.binary().getOrDefault(output.name(), asked.binaryElse()) ? OutputPlace.BINARY : OutputPlace.JSON;
    }

    private boolean isBinary(TensorData output) {
        return place(output) == OutputPlace.BINARY;
    }

    @Override
    public void close() {
        asked.close();
    }

    private byte[] withData(byte[] json, InferenceResponse response) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(json);
        response.outputs().stream().filter(this::isBinary).forEach(output -> bytes.writeBytes(output.data()));
        return bytes.toByteArray();
    }

    private void refuse(Refusal refusal) {
        status = refusal.status();
        contentType = Replies.JSON;
        headers.clear();
        answer = ResponseJson.error(refusal.getMessage());
    }
}
