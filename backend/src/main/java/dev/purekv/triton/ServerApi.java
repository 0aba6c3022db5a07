package dev.purekv.triton;

import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_ErrorCode;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_ErrorDelete;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_MessageDelete;
import static org.bytedeco.tritonserver.global.tritonserver.TRITONSERVER_MessageSerializeToJson;

import dev.purekv.server.ServerException;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Error;
import org.bytedeco.tritonserver.tritonserver.TRITONSERVER_Message;

/** What every call of Triton's server C API needs: errors as exceptions, messages as text. */
final class ServerApi {
    private ServerApi() {}

    /** Takes the error. */
    static void check(TRITONSERVER_Error error) {
        ServerException problem = exception(error);
        if (problem != null) {
            TRITONSERVER_ErrorDelete(error);
            throw problem;
        }
    }

    /** Leaves the error with its owner; null for none. */
    static ServerException exception(TRITONSERVER_Error error) {
        if (error == null || error.isNull()) {
            return null;
        }
        ServerException.Status[] statuses = ServerException.Status.values();
        int code = TRITONSERVER_ErrorCode(error);
        ServerException.Status status =
                code >= 0 && code < statuses.length ? statuses[code] : ServerException.Status.UNKNOWN;
        return new ServerException(status, BackendApi.text(BackendApi.errorMessage(error.address())));
    }

    /**
     * Text for Triton. JavaCPP's own conversion of strings follows the locale, which turns all but ASCII into question marks
     * where none is set. Needs a PointerScope around it.
     *
     * @throws ServerException INVALID_ARG for text with a NUL, where Triton would take it to end
     */
    static BytePointer text(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new ServerException(
                    ServerException.Status.INVALID_ARG,
                    "'" + text.replace("\0", "\\0") + "' holds a NUL character: remove it");
        }
        return new BytePointer(text, StandardCharsets.UTF_8);
    }

    /** Takes the message. Needs a PointerScope around it. */
    static String json(TRITONSERVER_Message message) {
        try {
            PointerPointer<BytePointer> text = new PointerPointer<>(1);
            SizeTPointer length = new SizeTPointer(1);
            check(TRITONSERVER_MessageSerializeToJson(message, text, length));
            return utf8(text.get(), length.get());
        } finally {
            check(TRITONSERVER_MessageDelete(message));
        }
    }

    /** The text is not terminated: its length decides. */
    static String utf8(Pointer text, long length) {
        return new String(bytes(text, length), StandardCharsets.UTF_8);
    }

    static byte[] bytes(Pointer data, long length) {
        byte[] bytes = new byte[Math.toIntExact(length)];
        if (length > 0) {
            new BytePointer(data).capacity(length).get(bytes);
        }
        return bytes;
    }
}
