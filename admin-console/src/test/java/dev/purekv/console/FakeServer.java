package dev.purekv.console;

import dev.purekv.server.InferenceRequest;
import dev.purekv.server.InferenceResponse;
import dev.purekv.server.InferenceServer;
import dev.purekv.server.LiveRequest;
import dev.purekv.server.LogSettings;
import dev.purekv.server.ResponseObserver;
import dev.purekv.server.RunningInference;
import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import dev.purekv.server.TensorData;
import dev.purekv.server.TraceEvent;
import dev.purekv.server.TraceListener;
import dev.purekv.server.Tracing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An inference server in memory with one model, {@code fake}, whose behaviour each request chooses by its parameter
 * {@code script}. Responses come on a thread of its own, as Triton's do.
 */
public final class FakeServer implements InferenceServer {
    public static final String MODEL = "fake";

    public final ConcurrentLinkedQueue<InferenceRequest> requests = new ConcurrentLinkedQueue<>();
    public final ConcurrentLinkedQueue<LiveRequest> live = new ConcurrentLinkedQueue<>();
    public final ConcurrentLinkedQueue<String> control = new ConcurrentLinkedQueue<>();
    public final AtomicInteger cancelled = new AtomicInteger();
    public final AtomicInteger responsesSent = new AtomicInteger();
    public final AtomicReference<String> config = new AtomicReference<>("{\"name\":\"fake\",\"backend\":\"purekv\"}");
    public final AtomicReference<String> loadFailure = new AtomicReference<>();
    public final AtomicBoolean draining = new AtomicBoolean();
    public final AtomicBoolean closed = new AtomicBoolean();
    public final AtomicBoolean ready = new AtomicBoolean(true);

    /** Whether models are decoupled where no version is named, as those that the playground asks are. */
    public final AtomicBoolean streams = new AtomicBoolean();

    private final AtomicBoolean unloaded = new AtomicBoolean();
    private final AtomicReference<LogSettings> log = new AtomicReference<>(new LogSettings(false, true, true, 0, true));
    private final AtomicReference<Tracing> tracing = new AtomicReference<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Override
    public boolean live() {
        return true;
    }

    @Override
    public boolean ready() {
        return ready.get();
    }

    @Override
    public boolean modelReady(String model, String version) {
        return (model.equals(MODEL) || model.equals(FakeTalker.MODEL)) && !version.equals("9");
    }

    @Override
    public String metadata() {
        return "{\"name\":\"triton\",\"version\":\"2.51.0\",\"extensions\":[]}";
    }

    @Override
    public boolean decoupled(String model, String version) {
        known(model);
        return version.equals("2") || version.isEmpty() && streams.get();
    }

    @Override
    public String modelMetadata(String model, String version) {
        known(model);
        if (model.equals(FakeTalker.MODEL)) {
            return FakeTalker.METADATA;
        }
        if (version.equals("3") || version.equals("4")) {
            String type = version.equals("3") ? "FP32" : "BYTES";
            return "{\"name\":\"fake\",\"inputs\":[{\"name\":\"only\",\"datatype\":\"" + type + "\",\"shape\":[-1"
                    + (version.equals("3") ? ",2" : "") + "]}]}";
        }
        return "{\"name\":\"fake\",\"versions\":[\"1\"],\"platform\":\"purekv\",\"inputs\":["
                + "{\"name\":\"text_input\",\"datatype\":\"BYTES\",\"shape\":[1]},"
                + "{\"name\":\"video\",\"datatype\":\"BYTES\",\"shape\":[-1]},"
                + "{\"name\":\"stream\",\"datatype\":\"BOOL\",\"shape\":[1]},"
                + "{\"name\":\"ints\",\"datatype\":\"INT32\",\"shape\":[-1,2]},"
                + "{\"name\":\"byte\",\"datatype\":\"UINT8\",\"shape\":[1]},"
                + "{\"name\":\"long\",\"datatype\":\"UINT64\",\"shape\":[1]},"
                + "{\"name\":\"half\",\"datatype\":\"FP16\",\"shape\":[1]},"
                + "{\"name\":\"float\",\"datatype\":\"FP32\",\"shape\":[-1]},"
                + "{\"name\":\"double\",\"datatype\":\"FP64\",\"shape\":[1]}],\"outputs\":[]}";
    }

    @Override
    public String modelConfig(String model, String version) {
        known(model);
        return config.get();
    }

    @Override
    public String statistics(String model, String version) {
        if (!model.isEmpty()) {
            known(model);
        }
        return "{\"model_stats\":[{\"name\":\"" + model + "\",\"version\":\"" + version + "\"}]}";
    }

    @Override
    public String repositoryIndex(boolean readyOnly) {
        String state = unloaded.get() ? "\"UNAVAILABLE\",\"reason\":\"unloaded\"" : "\"READY\"";
        String first =
                readyOnly && unloaded.get() ? "" : "{\"name\":\"fake\",\"version\":\"1\",\"state\":" + state + "}";
        String second =
                ",{\"name\":\"<b>odd</b>\",\"version\":\"1\",\"state\":\"UNAVAILABLE\",\"reason\":\"no weights\"}";
        String third = ",{\"name\":\"talker\",\"version\":\"1\",\"state\":\"READY\"}";
        return ("[" + first + (readyOnly ? third : second) + "]").replace("[,", "[");
    }

    @Override
    public void load(String model, Map<String, Object> parameters) {
        known(model);
        if (loadFailure.get() != null) {
            throw new ServerException(Status.INVALID_ARG, loadFailure.get());
        }
        if (parameters.get("config") instanceof String wanted && wanted.contains("\"backend\"")) {
            config.set(wanted);
        }
        unloaded.set(unloaded.get() && !model.equals(MODEL));
        Object file = parameters.get("file:1/x");
        control.add("load " + model + " " + parameters.get("config") + " "
                + (file == null ? "" : new String((byte[]) file, StandardCharsets.UTF_8)));
    }

    @Override
    public void unload(String model, boolean dependents) {
        known(model);
        unloaded.set(unloaded.get() || model.equals(MODEL));
        control.add("unload " + model + " " + dependents);
    }

    @Override
    public LogSettings logSettings() {
        return log.get();
    }

    @Override
    public void changeLog(LogSettings wanted) {
        log.set(wanted);
    }

    @Override
    public void trace(Tracing wanted) {
        tracing.set(wanted);
    }

    @Override
    public String metrics() {
        return "# TYPE nv_inference_count counter\nnv_inference_count 7\n";
    }

    @Override
    public RunningInference infer(InferenceRequest request, ResponseObserver observer) {
        known(request.model());
        if (draining.get()) {
            throw new ServerException(Status.UNAVAILABLE, "the server is stopping");
        }
        requests.add(request);
        String script = String.valueOf(request.parameters().getOrDefault("script", "echo"));
        if (script.startsWith("refuse ")) {
            throw new ServerException(Status.valueOf(script.substring(7)), "refused as asked");
        }
        AtomicBoolean stop = new AtomicBoolean();
        TraceListener trace = tracing.get().begin(request);
        if (trace != null) {
            trace.reached(new TraceEvent(7, 0, request.model(), 1, request.id(), "REQUEST_START", 41));
            trace.reached(new TraceEvent(8, 7, "step", 1, "", "QUEUE_START", 42));
            trace.reached(new TraceEvent(7, 0, request.model(), 1, request.id(), "REQUEST_END", 43));
            trace.ended();
        }
        threads.execute(() -> {
            if (request.model().equals(FakeTalker.MODEL)) {
                FakeTalker.play(request, observer, stop);
            } else {
                play(script, request, observer, stop);
            }
        });
        return () -> {
            if (script.endsWith(" stubborn")) {
                cancelled.incrementAndGet();
                throw new ServerException(Status.INTERNAL, "will not be cancelled");
            }
            if (!stop.getAndSet(true)) {
                cancelled.incrementAndGet();
            }
        };
    }

    private void play(String script, InferenceRequest request, ResponseObserver observer, AtomicBoolean stop) {
        switch (script) {
            case "echo" -> observer.response(answer(request, echo(request)), true);
            case "mirror" -> observer.response(answer(request, request.inputs()), true);
            case "everything" -> observer.response(answer(request, every()), true);
            case "three" -> {
                observer.response(answer(request, text("eins")), false);
                observer.response(answer(request, text("zwei \u00e9")), false);
                observer.response(answer(request, text("drei")), true);
            }
            case "one then flags" -> {
                observer.response(answer(request, text("one")), false);
                observer.response(null, true);
            }
            case "flags only" -> observer.response(null, true);
            case "fails" -> observer.response(failure(request, Status.UNAVAILABLE, "no room"), true);
            case "fails later" -> {
                observer.response(answer(request, text("good")), false);
                observer.response(failure(request, Status.INTERNAL, "broke"), true);
            }
            case "slow 1200", "slow 2500" -> {
                pause(Long.parseLong(script.substring(5)));
                observer.response(answer(request, text("slow")), true);
            }
            case "wrong size" ->
                observer.response(
                        answer(request, List.of(new TensorData("n", "INT32", new long[] {2}, new byte[4]))), true);
            default -> untilCancelled(script, request, observer, stop);
        }
    }

    /** {@code forever SIZE MILLIS}: texts of so many characters, so far apart, until cancelled; {@code stubborn} ones are not. */
    private void untilCancelled(
            String script, InferenceRequest request, ResponseObserver observer, AtomicBoolean stop) {
        String[] words = script.split(" ");
        String piece = "x".repeat(Integer.parseInt(words[1]));
        while (!stop.get() && !Thread.currentThread().isInterrupted()) {
            if (!piece.isEmpty()) {
                observer.response(answer(request, text(piece)), false);
                responsesSent.incrementAndGet();
            }
            pause(Long.parseLong(words[2]));
        }
        observer.response(failure(request, Status.CANCELLED, "cancelled"), true);
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InferenceResponse answer(InferenceRequest request, List<TensorData> outputs) {
        return new InferenceResponse(MODEL, "1", request.id(), outputs, Map.of("tokens", 3L, "ratio", 0.5), null);
    }

    private static InferenceResponse failure(InferenceRequest request, Status status, String message) {
        return new InferenceResponse(
                MODEL, "1", request.id(), List.of(), Map.of(), new ServerException(status, message));
    }

    private static List<TensorData> echo(InferenceRequest request) {
        if (request.inputs().stream().anyMatch(input -> input.name().equals("only"))) {
            return request.inputs();
        }
        for (TensorData input : request.inputs()) {
            if (input.name().equals("text_input")) {
                return List.of(new TensorData("text_output", "BYTES", input.shape(), input.data()));
            }
        }
        return text("");
    }

    static List<TensorData> text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] data = little(4 + utf8.length).putInt(utf8.length).put(utf8).array();
        return List.of(new TensorData("text_output", "BYTES", new long[] {1}, data));
    }

    private static List<TensorData> every() {
        return List.of(
                new TensorData("bool", "BOOL", new long[] {2}, new byte[] {0, 1}),
                new TensorData("i8", "INT8", new long[] {1}, new byte[] {-1}),
                new TensorData("u8", "UINT8", new long[] {1, 1}, new byte[] {-1}),
                new TensorData(
                        "i16",
                        "INT16",
                        new long[] {1},
                        little(2).putShort((short) -2).array()),
                new TensorData(
                        "u32", "UINT32", new long[] {1}, little(4).putInt(-1).array()),
                new TensorData(
                        "u64", "UINT64", new long[] {1}, little(8).putLong(-1).array()),
                new TensorData(
                        "f32",
                        "FP32",
                        new long[] {2},
                        little(8).putFloat(0.1f).putFloat(Float.NaN).array()),
                new TensorData(
                        "f64", "FP64", new long[] {1}, little(8).putDouble(0.1).array()),
                new TensorData("none", "INT32", new long[] {0}, new byte[0]));
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void known(String model) {
        if (!model.equals(MODEL) && !model.equals(FakeTalker.MODEL)) {
            throw new ServerException(Status.NOT_FOUND, "Request for unknown model: '" + model + "' is not found");
        }
    }

    @Override
    public List<LiveRequest> requests() {
        return List.copyOf(live);
    }

    @Override
    public boolean cancel(LiveRequest request) {
        return live.remove(request);
    }

    @Override
    public void drain() {
        draining.set(true);
    }

    @Override
    public void close() {
        closed.set(true);
        threads.shutdownNow();
    }
}
