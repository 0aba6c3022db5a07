package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_RGB24;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_malloc;
import static org.bytedeco.ffmpeg.global.avutil.av_opt_set_int;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_DEFAULT;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import dev.purekv.ServingException;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decoded frames to RGB by swscale, with the settings of PyAV's {@code to_ndarray(format="rgb24")}: bilinear, the frame's
 * own colour matrix and range, chroma centred. Owns its native buffers; all frames of a clip must have one size.
 */
final class RgbConverter implements AutoCloseable {
    /** swscale writes whole vectors, beyond the last pixel of a row. */
    private static final int ROW_ALIGNMENT = 64;

    private static final int ONE = 1 << 16;
    private static final int PLANES = 4;

    private final int width;
    private final int height;
    private final int stride;
    private final BytePointer pixels;
    private final PointerPointer<BytePointer> planes = new PointerPointer<>(PLANES);
    private final IntPointer strides = new IntPointer(PLANES);
    private SwsContext context;
    private Layout prepared;

    private record Layout(int format, int matrix, int range) {}

    RgbConverter(int width, int height) {
        this.width = width;
        this.height = height;
        this.stride = (width * 3 + ROW_ALIGNMENT - 1) / ROW_ALIGNMENT * ROW_ALIGNMENT;
        this.pixels = new BytePointer(av_malloc((long) stride * height + ROW_ALIGNMENT));
        for (int i = 0; i < PLANES; i++) {
            planes.put(i, i == 0 ? pixels : null);
            strides.put(i, i == 0 ? stride : 0);
        }
    }

    Frame convert(AVFrame frame) {
        if (frame.width() != width || frame.height() != height) {
            throw ServingException.unsupported(
                    "decoding a video: expected every frame at %dx%d, got one at %dx%d; encode it at one size",
                    width, height, frame.width(), frame.height());
        }
        prepare(frame);
        Ffmpeg.check(
                sws_scale(context, frame.data(), frame.linesize(), 0, height, planes, strides), "converting to RGB");
        byte[] rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            pixels.position((long) y * stride).get(rgb, y * width * 3, width * 3);
        }
        pixels.position(0);
        return new Frame(width, height, rgb);
    }

    /** Sets the converter up for the frame's layout; all frames of a stream share one, as a rule. */
    private void prepare(AVFrame frame) {
        Layout layout = new Layout(frame.format(), frame.colorspace(), frame.color_range());
        if (layout.equals(prepared)) {
            return;
        }
        free();
        context = sws_alloc_context();
        av_opt_set_int(context, "srcw", width, 0);
        av_opt_set_int(context, "srch", height, 0);
        av_opt_set_int(context, "src_format", layout.format(), 0);
        av_opt_set_int(context, "dstw", width, 0);
        av_opt_set_int(context, "dsth", height, 0);
        av_opt_set_int(context, "dst_format", AV_PIX_FMT_RGB24, 0);
        av_opt_set_int(context, "sws_flags", SWS_BILINEAR, 0);
        if (sws_init_context(context, null, null) < 0) {
            throw ServingException.unsupported(
                    "decoding a video: its pixel layout %d cannot be shown as RGB; send 8-bit 4:2:0", frame.format());
        }
        int full = layout.range() == AVCOL_RANGE_JPEG ? 1 : 0;
        IntPointer matrix = sws_getCoefficients(layout.matrix());
        sws_setColorspaceDetails(context, matrix, full, sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, ONE, ONE);
        prepared = layout;
    }

    private void free() {
        if (context != null) {
            sws_freeContext(context);
            context = null;
        }
        prepared = null;
    }

    @Override
    public void close() {
        free();
        av_free(pixels);
        planes.close();
        strides.close();
    }
}
