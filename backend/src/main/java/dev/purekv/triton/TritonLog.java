package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.LogSettings;

/**
 * Triton's log, of which a process has one. The C API sets it through options of a server, names none to mean the log
 * itself, and cannot be asked: so what was set last is kept here.
 *
 * <p>Reference: tritonserver.h, TRITONSERVER_ServerOptionsSetLog*; Triton's own front ends pass null as well.
 */
final class TritonLog {
    private volatile LogSettings current;

    /** @param initial as the options of the start have it */
    TritonLog(LogSettings initial) {
        this.current = initial;
    }

    LogSettings current() {
        return current;
    }

    synchronized void apply(LogSettings wanted) {
        check(TRITONSERVER_ServerOptionsSetLogInfo(null, wanted.info()));
        check(TRITONSERVER_ServerOptionsSetLogWarn(null, wanted.warning()));
        check(TRITONSERVER_ServerOptionsSetLogError(null, wanted.error()));
        check(TRITONSERVER_ServerOptionsSetLogVerbose(null, wanted.verboseLevel()));
        check(TRITONSERVER_ServerOptionsSetLogFormat(
                null, wanted.iso8601() ? TRITONSERVER_LOG_ISO8601 : TRITONSERVER_LOG_DEFAULT));
        current = wanted;
    }
}
