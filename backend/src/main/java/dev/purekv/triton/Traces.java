package dev.purekv.triton;

import static dev.purekv.triton.ServerApi.check;
import static org.bytedeco.tritonserver.global.tritonserver.*;

import dev.purekv.server.ServerException;
import dev.purekv.server.TraceEvent;
import dev.purekv.server.TraceListener;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceTrace;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceTraceActivityFn_t;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_InferenceTraceReleaseFn_t;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The traces that Triton takes of requests under way, and the callbacks by which it tells of them. As with inferences, Triton
 * is given a number for each.
 *
 * <p>Reference: tritonserver.h, TRITONSERVER_InferenceTraceNew. An ensemble's steps have traces of their own with the number
 * of the first; the listener hears the end when the last of them is released.
 */
final class Traces implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Traces.class);

    private final Activity activity = new Activity();
    private final Release release = new Release();
    private final Map<Long, Open> open = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    /** Who hears, and which traces Triton has not released. */
    private static final class Open {
        private final TraceListener listener;
        private final Set<Long> held = new HashSet<>();

        Open(TraceListener listener) {
            this.listener = listener;
        }

        synchronized void hold(long id) {
            held.add(id);
        }

        /** @return whether it was the last */
        synchronized boolean letGo(long id) {
            held.remove(id);
            return held.isEmpty();
        }
    }

    /** A trace on its way to Triton, which owns it as soon as it has taken the request. Needs a PointerScope around it. */
    TRITONSERVER_InferenceTrace begin(TraceListener listener) {
        long number = numbers.incrementAndGet();
        TRITONSERVER_InferenceTrace trace = new TRITONSERVER_InferenceTrace(null);
        check(TRITONSERVER_InferenceTraceNew(
                trace, TRITONSERVER_TRACE_LEVEL_TIMESTAMPS, 0, activity, release, new Number(number)));
        Open begun = new Open(listener);
        begun.hold(id(trace));
        open.put(number, begun);
        return trace;
    }

    /** Takes a trace back whose request Triton has refused; its listener hears the end. */
    void refused(TRITONSERVER_InferenceTrace trace, TraceListener listener) {
        open.values().removeIf(each -> each.listener == listener);
        check(TRITONSERVER_InferenceTraceDelete(trace));
        listener.ended();
    }

    /** How many Triton holds. */
    int outstanding() {
        return open.size();
    }

    /** After the server is deleted: nothing calls back any more. */
    @Override
    public void close() {
        activity.close();
        release.close();
    }

    private static long id(TRITONSERVER_InferenceTrace trace) {
        LongPointer id = new LongPointer(1);
        check(TRITONSERVER_InferenceTraceId(trace, id));
        return id.get();
    }

    private static TraceEvent event(TRITONSERVER_InferenceTrace trace, int activity, long nanoseconds) {
        LongPointer parent = new LongPointer(1);
        check(TRITONSERVER_InferenceTraceParentId(trace, parent));
        PointerPointer<BytePointer> model = new PointerPointer<>(1);
        check(TRITONSERVER_InferenceTraceModelName(trace, model));
        LongPointer version = new LongPointer(1);
        check(TRITONSERVER_InferenceTraceModelVersion(trace, version));
        PointerPointer<BytePointer> request = new PointerPointer<>(1);
        check(TRITONSERVER_InferenceTraceRequestId(trace, request));
        return new TraceEvent(
                id(trace),
                parent.get(),
                text(model),
                version.get(),
                text(request),
                TRITONSERVER_InferenceTraceActivityString(activity),
                nanoseconds);
    }

    private static String text(PointerPointer<BytePointer> pointer) {
        BytePointer text = pointer.get(BytePointer.class, 0);
        return text == null ? "" : text.getString(StandardCharsets.UTF_8);
    }

    /** An address that is only a number. */
    private static final class Number extends Pointer {
        Number(long number) {
            address = number;
        }
    }

    /** A request has reached a stage. */
    private final class Activity extends TRITONSERVER_InferenceTraceActivityFn_t {
        @Override
        public void call(TRITONSERVER_InferenceTrace trace, int activity, long nanoseconds, Pointer userp) {
            try (PointerScope scope = new PointerScope()) {
                Open begun = open.get(userp.address());
                TraceEvent event = event(trace, activity, nanoseconds);
                begun.hold(event.id());
                begun.listener.reached(event);
            } catch (Throwable e) {
                LOG.error("an event of a trace is lost", e); // nothing may leave a callback
            }
        }
    }

    /** Triton is done with a trace. */
    private final class Release extends TRITONSERVER_InferenceTraceReleaseFn_t {
        @Override
        public void call(TRITONSERVER_InferenceTrace trace, Pointer userp) {
            long number = userp.address();
            try (PointerScope scope = new PointerScope()) {
                Open begun = open.get(number);
                boolean last = begun.letGo(id(trace));
                check(TRITONSERVER_InferenceTraceDelete(trace));
                if (last) {
                    open.remove(number);
                    begun.listener.ended();
                }
            } catch (ServerException e) {
                LOG.error("a trace cannot be deleted: {}", e.getMessage());
            } catch (Throwable e) {
                LOG.error("the end of a trace is lost", e);
            }
        }
    }
}
