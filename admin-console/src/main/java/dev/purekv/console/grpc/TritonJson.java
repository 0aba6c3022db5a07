package dev.purekv.console.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;

/** Triton's JSON answers as messages: their keys are the fields of the protocol. */
final class TritonJson {
    // A newer library than the protocol's may tell more.
    private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

    private TritonJson() {}

    /** @return the builder */
    static <B extends Message.Builder> B into(B builder, String json) {
        try {
            PARSER.merge(json, builder);
            return builder;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "Triton's JSON is no " + builder.getDescriptorForType().getName(), e);
        }
    }
}
