package dev.purekv.benchmark;

import com.google.protobuf.ByteString;
import dev.purekv.benchmark.CostGroup.Call;
import dev.purekv.benchmark.DirectCalls.Stage;
import dev.purekv.it.GrpcRequests;
import inference.GRPCInferenceServiceGrpc;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import inference.GrpcService.InferParameter;
import inference.GrpcService.ModelInferRequest;
import inference.GrpcService.ModelStreamInferResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The requests of {@link DirectCalls} through the doors of a server. Connections stay open from one to the next. */
final class DoorCalls implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final int port;
    private final ManagedChannel channel;
    private final GRPCInferenceServiceBlockingStub blocking;
    private final GRPCInferenceServiceStub async;

    DoorCalls(int httpPort, int grpcPort) {
        port = httpPort;
        channel = NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
                .usePlaintext()
                .build();
        blocking = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        async = GRPCInferenceServiceGrpc.newStub(channel);
    }

    private static ObjectNode stage(boolean binary) {
        ObjectNode request = JSON.createObjectNode();
        request.putObject("parameters")
                .put("compression_ratio", 2)
                .put("sink_tokens", 1)
                .put("recent_tokens", 1);
        ArrayNode inputs = request.putArray("inputs");
        String[] names = {"OBSERVED_ATTENTION", "KEYS", "VALUES"};
        int[][] shapes = {{2, 1, 6}, {1, 6, 2}, {1, 6, 2}};
        for (int i = 0; i < names.length; i++) {
            ObjectNode input = inputs.addObject().put("name", names[i]).put("datatype", "FP32");
            Arrays.stream(shapes[i]).forEach(input.withArray("shape")::add);
            if (binary) {
                input.putObject("parameters").put("binary_data_size", 48);
            } else {
                ArrayNode data = input.putArray("data");
                for (float number : Stage.NUMBERS[i]) {
                    data.add(number);
                }
            }
        }
        return request;
    }

    Call stageJson() {
        byte[] body = JSON.writeValueAsBytes(stage(false));
        return () -> post("/v2/models/kv_compression/infer", body, -1);
    }

    Call stageBinary() {
        ObjectNode head = stage(true);
        head.withObject("parameters").put("binary_data_output", true);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(JSON.writeValueAsBytes(head));
        int jsonBytes = body.size();
        body.writeBytes(Stage.ATTENTION);
        body.writeBytes(Stage.KEYS);
        body.writeBytes(Stage.VALUES);
        return () -> post("/v2/models/kv_compression/infer", body.toByteArray(), jsonBytes);
    }

    Call stageGrpc() {
        ModelInferRequest request = ModelInferRequest.newBuilder()
                .setModelName("kv_compression")
                .addInputs(GrpcRequests.input("OBSERVED_ATTENTION", "FP32", 2, 1, 6))
                .addRawInputContents(ByteString.copyFrom(Stage.ATTENTION))
                .addInputs(GrpcRequests.input("KEYS", "FP32", 1, 6, 2))
                .addRawInputContents(ByteString.copyFrom(Stage.KEYS))
                .addInputs(GrpcRequests.input("VALUES", "FP32", 1, 6, 2))
                .addRawInputContents(ByteString.copyFrom(Stage.VALUES))
                .putParameters("compression_ratio", number(2))
                .putParameters("sink_tokens", number(1))
                .putParameters("recent_tokens", number(1))
                .build();
        return () -> blocking.modelInfer(request);
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    /** @param clip null for the text alone */
    Call generate(byte[] clip) {
        ObjectNode request = text().put("stream", false);
        if (clip != null) {
            request.put("text_input", DirectCalls.QUESTION)
                    .put("video", Base64.getEncoder().encodeToString(clip));
            request.withObject("parameters").remove("apply_chat_template");
        }
        byte[] body = JSON.writeValueAsBytes(request);
        return () -> post("/v2/models/moving-digits/generate", body, -1);
    }

    /** Text, in pieces. */
    Call generateStream() {
        byte[] body = JSON.writeValueAsBytes(text().put("stream", true));
        return () -> post("/v2/models/moving-digits/generate_stream", body, -1);
    }

    private static ObjectNode text() {
        ObjectNode request = JSON.createObjectNode().put("text_input", DirectCalls.PROMPT);
        request.putObject("parameters")
                .put("apply_chat_template", false)
                .put("max_tokens", DirectCalls.TOKENS)
                .put("ignore_eos", true)
                .put("temperature", 0);
        return request;
    }

    private static ObjectNode openAi() {
        return JSON.createObjectNode()
                .put("model", "moving-digits")
                .put("max_tokens", DirectCalls.TOKENS)
                .put("ignore_eos", true)
                .put("temperature", 0);
    }

    Call completion(boolean streamed) {
        byte[] body = JSON.writeValueAsBytes(
                openAi().put("prompt", DirectCalls.PROMPT).put("stream", streamed));
        return () -> post("/v1/completions", body, -1);
    }

    Call chat(byte[] clip) {
        ObjectNode request = openAi();
        ArrayNode content =
                request.putArray("messages").addObject().put("role", "user").putArray("content");
        content.addObject()
                .put("type", "video_url")
                .putObject("video_url")
                .put("url", "data:video/mp4;base64," + Base64.getEncoder().encodeToString(clip));
        content.addObject().put("type", "text").put("text", DirectCalls.QUESTION);
        byte[] body = JSON.writeValueAsBytes(request);
        return () -> post("/v1/chat/completions", body, -1);
    }

    /**
     * @param clip null for the text alone
     * @param streamed whether the answer comes in pieces, or in one
     */
    Call streamGrpc(byte[] clip, boolean streamed) {
        ModelInferRequest.Builder request =
                GrpcRequests.longQuestion("", DirectCalls.TOKENS).putParameters("temperature", number(0));
        byte[] text = (clip == null ? DirectCalls.PROMPT : DirectCalls.QUESTION).getBytes(StandardCharsets.UTF_8);
        request.setRawInputContents(0, ByteString.copyFrom(DirectCalls.element(text)));
        request.setRawInputContents(1, ByteString.copyFrom(new byte[] {(byte) (streamed ? 1 : 0)}));
        if (clip == null) {
            request.putParameters(
                    "apply_chat_template",
                    InferParameter.newBuilder().setBoolParam(false).build());
        } else {
            request.addInputs(GrpcRequests.input("video", "BYTES", 1))
                    .addRawInputContents(ByteString.copyFrom(DirectCalls.element(clip)));
        }
        ModelInferRequest message = request.build();
        return () -> {
            Whole whole = new Whole();
            StreamObserver<ModelInferRequest> call = async.modelStreamInfer(whole);
            call.onNext(message);
            call.onCompleted();
            whole.end.join();
        };
    }

    private void post(String path, byte[] body, int jsonBytes) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
        connection.setDoOutput(
                true); // and not streamed: the JDK would listen for 1 ms first whether the server has gone
        connection.setRequestProperty("Content-Type", "application/json");
        if (jsonBytes >= 0) {
            connection.setRequestProperty("Inference-Header-Content-Length", String.valueOf(jsonBytes));
        }
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body);
        }
        if (connection.getResponseCode() != 200) {
            throw new IOException(path + ": " + connection.getResponseCode() + " "
                    + new String(connection.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        try (InputStream in = connection.getInputStream()) {
            in.readAllBytes();
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private static final class Whole implements StreamObserver<ModelStreamInferResponse> {
        private final CompletableFuture<Void> end = new CompletableFuture<>();

        @Override
        public void onNext(ModelStreamInferResponse message) {
            if (!message.getErrorMessage().isEmpty()) {
                end.completeExceptionally(new IOException(message.getErrorMessage()));
            }
        }

        @Override
        public void onError(Throwable failure) {
            end.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {
            end.complete(null);
        }
    }
}
