package dev.purekv.triton;

import dev.purekv.ServingException;
import dev.purekv.cache.KvLedgers;
import dev.purekv.model.CheckpointRegistry;
import dev.purekv.model.ModelFamily;
import dev.purekv.model.ModelOpener;
import dev.purekv.model.WarmUp;
import dev.purekv.server.LiveRequest;
import dev.purekv.server.ServerException;
import dev.purekv.tensor.LibTorch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Triton calls: the Java side of the TRITONBACKEND entry points. The shim calls each method with a handle and takes null for
 * success, else one digit (TRITONSERVER_Error_Code) and a message, in UTF-8. No exception leaves a method.
 *
 * <p>Triton calls from many threads: models load in parallel, and a finalizer comes on a thread of its own, also after an
 * initializer that failed.
 */
public final class Backend {
    private static final Logger LOG = LoggerFactory.getLogger(Backend.class);

    private final ModelOpener opener;
    private final KvLedgers ledgers = new KvLedgers();
    private final MetricFamilies families = new MetricFamilies();
    private final ExecutionGuard guard = new ExecutionGuard();
    private final Map<Long, ServedModel> models = new ConcurrentHashMap<>();
    private final Map<Long, ServedModel> instances = new ConcurrentHashMap<>();

    Backend(ModelOpener opener) {
        this.opener = opener;
    }

    /** Called by the shim in a JVM that it started, inside the stock tritonserver. */
    public static void start() {
        LibTorch.start();
        System.load(System.getProperty("purekv.library"));
        BackendApi.attach(new Backend(new CheckpointRegistry(new WarmUp(ModelFamily::share))));
    }

    byte[] modelInitialize(long model) {
        return answer("loading the model", () -> models.put(model, open(model)));
    }

    private ServedModel open(long model) {
        ModelConfig config = ModelConfig.parse(BackendApi.modelConfig(model));
        return config.isStage()
                ? StageModel.open(model, config)
                : HostedModel.open(model, config, opener, families, ledgers);
    }

    byte[] modelFinalize(long model) {
        return answer("unloading the model", () -> {
            ServedModel hosted = models.remove(model);
            if (hosted != null) {
                hosted.close();
            }
        });
    }

    byte[] instanceInitialize(long instance) {
        return answer(
                "starting a model instance",
                () -> instances.put(instance, models.get(BackendApi.instanceModel(instance))));
    }

    byte[] instanceFinalize(long instance) {
        return answer("stopping a model instance", () -> instances.remove(instance));
    }

    /**
     * Takes the requests: from here on each one is answered through its {@link RequestHandle}, so this always succeeds. (An error would
     * leave the requests with Triton, although some are already running.)
     */
    byte[] execute(long instance, long[] requests) {
        ServedModel model = instances.get(instance);
        guard.around(requests[0], () -> {
            for (long request : requests) {
                RequestHandle.open(instance, request).ifPresent(handle -> answer(model, handle));
            }
        });
        return null;
    }

    /** The requests of all models that have not ended; those of an old version that still answers among them. */
    List<LiveRequest> requests() {
        return models.values().stream()
                .flatMap(model -> model.requests().stream())
                .toList();
    }

    /** @return whether the request was told to end */
    boolean cancel(LiveRequest request) {
        return models.values().stream()
                .filter(model -> model.requests().stream()
                        .anyMatch(each -> each.model().equals(request.model())
                                && each.version() == request.version()
                                && each.number() == request.number()))
                .anyMatch(model -> model.cancel(request.number()));
    }

    /** Lets no model begin anything new; Triton itself tells no backend that it stops. */
    void drain() {
        models.values().forEach(ServedModel::drain);
    }

    private static void answer(ServedModel model, RequestHandle handle) {
        try {
            model.answer(handle);
        } catch (ServingException e) {
            handle.fail(e);
        } catch (ServerException e) {
            handle.fail(
                    e.status() == ServerException.Status.UNSUPPORTED
                            ? ServingException.unsupported("%s", e.getMessage())
                            : ServingException.internal(e, "answering the request: %s", e.getMessage()));
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("answering a request failed", e);
            handle.fail(ServingException.internal(e, "answering the request failed: %s", e));
        }
    }

    private static byte[] answer(String doing, Runnable body) {
        try {
            // Triton's threads have none, and libraries look for their resources through it.
            Thread.currentThread().setContextClassLoader(Backend.class.getClassLoader());
            body.run();
            return null;
        } catch (ServingException e) {
            return BackendApi.utf8(Statuses.of(e.code()).ordinal() + e.getMessage());
        } catch (ServerException e) {
            return BackendApi.utf8(e.status().ordinal() + e.getMessage());
        } catch (Throwable e) {
            LOG.error("{} failed", doing, e);
            return BackendApi.utf8(ServerException.Status.INTERNAL.ordinal() + doing + " failed: " + e);
        }
    }
}
