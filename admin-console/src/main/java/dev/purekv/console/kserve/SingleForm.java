package dev.purekv.console.kserve;

import dev.purekv.console.exchange.ReplyForm;
import dev.purekv.server.InferenceResponse;

/**
 * The one JSON answer of {@code generate}. Triton answers a wrong number of responses with its message under the status
 * of the first one, often 200; here the status is 400, so that no client takes the message for an answer.
 */
final class SingleForm implements ReplyForm {
    private static final String NOT_ONE =
            "generate expects model to produce exactly 1 response, use generate stream for"
                    + " model that generates various number of responses";

    private Rendered answer;
    private int responses;

    @Override
    public String contentType() {
        return Replies.JSON;
    }

    @Override
    public byte[] take(InferenceResponse response, boolean last) {
        if (response != null) {
            responses++;
            if (responses == 1) {
                answer = Rendered.of(response);
            }
        }
        if (!last) {
            return null;
        }
        if (responses != 1) {
            answer = new Rendered(400, ResponseJson.error(NOT_ONE));
        }
        return answer.json();
    }

    @Override
    public int status() {
        return answer.status();
    }

    @Override
    public boolean settled() {
        return responses > 1;
    }
}
