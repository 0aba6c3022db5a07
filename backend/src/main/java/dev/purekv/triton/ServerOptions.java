package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static dev.purekv.triton.ServerApi.text;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import java.nio.file.Path;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_ServerOptions;

/**
 * TRITONSERVER_ServerOptions with every option set: the C API's defaults differ from the program's, and the retry count has none at
 * all (uninitialised memory, core/src/tritonserver.cc).
 */
final class ServerOptions implements AutoCloseable {
    private final TRITONSERVER_ServerOptions handle = new TRITONSERVER_ServerOptions(null);

    private ServerOptions() {
        check(TRITONSERVER_ServerOptionsNew(handle));
    }

    static ServerOptions of(EmbeddedServerOptions wanted, Path backends) {
        ServerOptions options = new ServerOptions();
        try {
            options.models(wanted);
            options.machine(backends);
            options.lifecycle(wanted);
            options.logging(wanted.logInfo());
            return options;
        } catch (RuntimeException e) {
            options.close();
            throw e;
        }
    }

    TRITONSERVER_ServerOptions handle() {
        return handle;
    }

    private void models(EmbeddedServerOptions wanted) {
        check(TRITONSERVER_ServerOptionsSetServerId(handle, "triton"));
        check(TRITONSERVER_ServerOptionsSetModelRepositoryPath(
                handle, text(wanted.modelRepository().toString())));
        check(TRITONSERVER_ServerOptionsSetModelControlMode(handle, TRITONSERVER_MODEL_CONTROL_EXPLICIT));
        check(TRITONSERVER_ServerOptionsSetStrictModelConfig(handle, false));
        check(TRITONSERVER_ServerOptionsSetModelNamespacing(handle, false));
        check(TRITONSERVER_ServerOptionsSetModelLoadThreadCount(handle, 4));
        check(TRITONSERVER_ServerOptionsSetModelLoadRetryCount(handle, 0));
    }

    private void machine(Path backends) {
        check(TRITONSERVER_ServerOptionsSetBackendDirectory(handle, text(backends.toString())));
        // No repository agents and no response caches: folders that are not there are never read.
        check(TRITONSERVER_ServerOptionsSetRepoAgentDirectory(
                handle, text(backends.resolve("repoagents").toString())));
        check(TRITONSERVER_ServerOptionsSetCacheDirectory(
                handle, text(backends.resolve("caches").toString())));
        check(TRITONSERVER_ServerOptionsSetRateLimiterMode(handle, TRITONSERVER_RATE_LIMIT_OFF));
        check(TRITONSERVER_ServerOptionsSetPinnedMemoryPoolByteSize(handle, 0));
        check(TRITONSERVER_ServerOptionsSetBufferManagerThreadCount(handle, 0));
        check(TRITONSERVER_ServerOptionsSetMinSupportedComputeCapability(handle, 0));
        check(TRITONSERVER_ServerOptionsSetEnablePeerAccess(handle, false));
    }

    private void lifecycle(EmbeddedServerOptions wanted) {
        check(TRITONSERVER_ServerOptionsSetExitOnError(handle, false));
        // Strict readiness would let one model that does not load take the whole server out of service.
        check(TRITONSERVER_ServerOptionsSetStrictReadiness(handle, false));
        check(TRITONSERVER_ServerOptionsSetExitTimeout(
                handle, (int) Math.max(1, wanted.exitTimeout().toSeconds())));
    }

    private void logging(boolean info) {
        check(TRITONSERVER_ServerOptionsSetLogInfo(handle, info));
        check(TRITONSERVER_ServerOptionsSetLogWarn(handle, true));
        // Without CUDA, starting writes an error line about it, which is none. Whatever else fails then is thrown.
        errors(false);
        check(TRITONSERVER_ServerOptionsSetLogVerbose(handle, 0));
        check(TRITONSERVER_ServerOptionsSetLogFormat(handle, TRITONSERVER_LOG_ISO8601));
        check(TRITONSERVER_ServerOptionsSetMetrics(handle, true));
        // With the DCGM stand-in, GPU metrics would end in its error path.
        check(TRITONSERVER_ServerOptionsSetGpuMetrics(handle, false));
        check(TRITONSERVER_ServerOptionsSetCpuMetrics(handle, true));
        // At the process's end Triton waits for its metrics thread, which sleeps this long between two readings.
        check(TRITONSERVER_ServerOptionsSetMetricsInterval(handle, 500));
    }

    /** Switches Triton's ERROR lines; at once, for the whole process. */
    void errors(boolean written) {
        check(TRITONSERVER_ServerOptionsSetLogError(handle, written));
    }

    @Override
    public void close() {
        check(TRITONSERVER_ServerOptionsDelete(handle));
    }
}
