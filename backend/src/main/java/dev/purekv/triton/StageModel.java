package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.compression.CompressionStage;
import dev.purekv.settings.KvSettings;
import dev.purekv.settings.LayerBudgets;
import dev.purekv.settings.StageSettings;
import dev.purekv.tensor.HostTensors;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The compression stage as a model of its own, without weights. It answers on the thread of the instance that Triton calls
 * it with: more instances, more requests at a time.
 */
final class StageModel implements ServedModel {
    private final StageSettings settings;
    private final StageTensors tensors;

    private StageModel(StageSettings settings, StageTensors tensors) {
        this.settings = settings;
        this.tensors = tensors;
    }

    /** @param model Triton's handle, valid until its finalizer */
    static StageModel open(long model, ModelConfig config) {
        StageSettings settings = StageSettings.read(config.parameters());
        StageTensors tensors = StageTensors.of(config);
        config.settle(model, tensors.signature());
        return new StageModel(settings, tensors);
    }

    /** @throws ServingException for a configuration that cannot be loaded */
    static void check(ModelConfig config) {
        StageSettings.read(config.parameters());
        config.completed(StageTensors.of(config).signature());
    }

    @Override
    public void answer(RequestHandle handle) {
        long request = handle.request();
        Map<String, Object> parameters = RequestParameters.read(request);
        LayerPlace place = LayerPlace.take(parameters);
        KvSettings kv = settings.kvFor(parameters);
        try (PointerScope scope = new PointerScope()) {
            CompressionStage.Input input = tensors.read(TensorReader.of(request));
            handle.computing();
            CompressionStage.Output output = place.stage(kv).run(input);
            long response = response(handle, kv, input, output);
            // The response is whole before success is reported: what can fail has not failed.
            handle.succeed(() -> BackendApi.responseSend(response, BackendApi.FINAL));
        }
    }

    private long response(
            RequestHandle handle, KvSettings kv, CompressionStage.Input input, CompressionStage.Output output) {
        Set<String> wanted = wanted(handle.request());
        long response = BackendApi.responseNew(handle.factory());
        try {
            if (wanted.contains(StageTensors.INDICES)) {
                write(response, StageTensors.INDICES, Datatype.INT64, output.positions());
            }
            if (wanted.contains(StageTensors.KEYS)) {
                write(response, StageTensors.KEYS, tensors.type(), output.keys());
            }
            if (wanted.contains(StageTensors.VALUES)) {
                write(response, StageTensors.VALUES, tensors.type(), output.values());
            }
            double ratio = (double) input.keys().size(1) / output.positions().size(1);
            BackendApi.responseText(
                    response,
                    BackendApi.utf8("kv_policy"),
                    BackendApi.utf8(kv.policy().word()));
            BackendApi.responseDouble(response, BackendApi.utf8("kv_compression_ratio"), ratio);
            if (!output.note().isEmpty()) {
                BackendApi.responseText(response, BackendApi.utf8("kv_note"), BackendApi.utf8(output.note()));
            }
            return response;
        } catch (RuntimeException | OutOfMemoryError e) {
            BackendApi.responseDelete(response);
            throw e;
        }
    }

    private static void write(long response, String name, Datatype type, Tensor tensor) {
        BackendApi.responseOutput(
                response, BackendApi.utf8(name), type.ordinal(), tensor.shape(), HostTensors.bytes(tensor));
    }

    private static Set<String> wanted(long request) {
        Set<String> names = new HashSet<>();
        int count = BackendApi.outputCount(request);
        for (int i = 0; i < count; i++) {
            names.add(BackendApi.text(BackendApi.outputName(request, i)));
        }
        return names;
    }

    @Override
    public void drain() {
        // Triton's own stop waits for its requests, which are short.
    }

    @Override
    public void close() {
        // Nothing is held between requests.
    }

    /**
     * Where in its model the layer of a request stands.
     *
     * @param layers null when the request does not say
     */
    private record LayerPlace(int layer, Integer layers) {
        /** More than any model has; an array of this length is nothing. */
        private static final int MOST = 1 << 16;

        /** Takes the parameters {@code layer} and {@code layers} away. */
        static LayerPlace take(Map<String, Object> parameters) {
            Integer layers = whole("layers", parameters.remove("layers"), 1, MOST);
            Integer layer = whole("layer", parameters.remove("layer"), 0, (layers == null ? MOST : layers) - 1);
            if (layers != null && layer == null) {
                throw ServingException.invalid(
                        "parameter 'layers' is given without 'layer': give the index of the layer too, from 0 to %d",
                        layers - 1);
            }
            return new LayerPlace(layer == null ? 0 : layer, layers);
        }

        CompressionStage stage(KvSettings kv) {
            if (kv.shares() != LayerBudgets.UNIFORM && layers == null) {
                throw ServingException.invalid(
                        "'%s' gives each layer its own share: the stage needs the request parameters 'layer' (0 for the lowest) and "
                                + "'layers' (of the model)",
                        kv.layerBudgets() == LayerBudgets.UNIFORM
                                ? "kv_policy pyramidkv"
                                : "layer_budgets " + kv.layerBudgets().word());
            }
            return new CompressionStage(kv, layer, layers == null ? layer + 1 : layers);
        }

        private static Integer whole(String name, Object value, int least, int most) {
            if (value == null) {
                return null;
            }
            try {
                long number = Long.parseLong(String.valueOf(value).strip());
                if (number >= least && number <= most) {
                    return (int) number;
                }
            } catch (NumberFormatException e) {
                // told below
            }
            throw ServingException.invalid(
                    "parameter '%s' must be a whole number from %d to %d, got %s", name, least, most, value);
        }
    }
}
