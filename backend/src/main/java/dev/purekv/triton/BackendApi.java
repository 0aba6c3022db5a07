package dev.purekv.triton;

import dev.purekv.server.ServerException;
import java.nio.charset.StandardCharsets;

/**
 * Triton's backend C API, as the shim offers it: one native method a call, handles as {@code long}, text as UTF-8 bytes.
 * Every method throws {@link ServerException} when Triton refuses. Ownership is the C API's: what {@code ...New} returns
 * must be sent or deleted exactly once.
 *
 * <p>Reference: tritonbackend.h, backend API 1.19. The library must be loaded first ({@link NativeLibraries}).
 */
final class BackendApi {
    /** TRITONSERVER_RESPONSE_COMPLETE_FINAL. */
    static final int FINAL = 1;

    private BackendApi() {}

    /** From now on this object answers Triton's calls. */
    static native void attach(Backend backend);

    static native byte[] modelName(long model);

    static native long modelVersion(long model);

    /** The model's folder, which holds config.pbtxt and the version folders. */
    static native byte[] modelRepository(long model);

    /** The message of a TRITONSERVER_Error, which stays its owner's. */
    static native byte[] errorMessage(long error);

    /** The configuration as JSON. */
    static native byte[] modelConfig(long model);

    static native boolean modelAutoCompletes(long model);

    static native void modelSetConfig(long model, byte[] json);

    static native long instanceModel(long instance);

    static native int inputCount(long request);

    static native long inputAt(long request, int index);

    static native byte[] inputName(long input);

    static native int inputType(long input);

    static native long[] inputShape(long input);

    /** In bytes, as Triton counts them. */
    static native long inputSize(long input);

    /** A copy: Triton's buffers die with the request. */
    static native byte[] inputData(long input);

    /** How many outputs the client asks for; all of them when it named none. */
    static native int outputCount(long request);

    static native byte[] outputName(long request, int index);

    static native int parameterCount(long request);

    static native byte[] parameterName(long request, int index);

    /** TRITONSERVER_ParameterType: 0 string, 1 int, 2 bool, 3 double. */
    static native int parameterType(long request, int index);

    static native byte[] parameterText(long request, int index);

    static native long parameterLong(long request, int index);

    static native boolean parameterBool(long request, int index);

    static native double parameterDouble(long request, int index);

    /** The request's {@code timeout}; 0 for none. */
    static native long requestTimeoutMicros(long request);

    static native void requestRelease(long request);

    static native long factoryNew(long request);

    static native void factoryDelete(long factory);

    static native boolean factoryCancelled(long factory);

    static native void factorySendFlags(long factory, int flags);

    static native long responseNew(long factory);

    static native void responseDelete(long response);

    static native void responseOutput(long response, byte[] name, int type, long[] shape, byte[] data);

    static native void responseText(long response, byte[] name, byte[] value);

    static native void responseLong(long response, byte[] name, long value);

    static native void responseDouble(long response, byte[] name, double value);

    /** Takes the response, whatever happens. */
    static native void responseSend(long response, int flags);

    /** Takes the response, whatever happens. */
    static native void responseSendError(long response, int flags, int code, byte[] message);

    /** @param times four of System.nanoTime: start, compute start, compute end, end */
    static native void reportRequest(long instance, long request, boolean success, long[] times);

    static native void reportBatch(long instance, long size, long[] times);

    /**
     * @param output when the answer began to be written; 0 for an empty response
     * @param error TRITONSERVER_Error_Code of a response that is an error, else -1
     */
    static native void reportResponse(long instance, long factory, long start, long output, long end, int error);

    /** Called by the shim with Triton's error. */
    static void refuse(int code, byte[] message) {
        ServerException.Status[] statuses = ServerException.Status.values();
        ServerException.Status status =
                code >= 0 && code < statuses.length ? statuses[code] : ServerException.Status.UNKNOWN;
        throw new ServerException(status, text(message));
    }

    static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
