package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import dev.purekv.ServingException;
import java.nio.charset.StandardCharsets;

/** FFmpeg's process-wide part: its log is silent, for what it would print of broken files goes to the client as an error. */
final class Ffmpeg {
    private static final int MESSAGE_BYTES = 128;

    static {
        av_log_set_level(AV_LOG_QUIET);
    }

    private Ffmpeg() {}

    /** Loads the library, once. */
    static void start() {}

    /** @throws ServingException INVALID_REQUEST when {@code result} is one of FFmpeg's negative error numbers */
    static int check(int result, String doing) {
        if (result < 0) {
            byte[] message = new byte[MESSAGE_BYTES];
            av_strerror(result, message, message.length);
            int end = 0;
            while (end < message.length && message[end] != 0) {
                end++;
            }
            throw ServingException.invalid(
                    "%s: the file is damaged or uses something unsupported: %s",
                    doing, new String(message, 0, end, StandardCharsets.UTF_8));
        }
        return result;
    }
}
