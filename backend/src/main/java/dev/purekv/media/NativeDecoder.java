package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN;

import dev.purekv.ServingException;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** One FFmpeg decoder and the frame it writes into. Owns both; close frees them. */
final class NativeDecoder implements AutoCloseable {
    private static final long ROW_ROUNDING = 64;
    private static final long MAX_ROWS = 1 << 14;

    private final AVCodecContext context;
    private final AVFrame frame = av_frame_alloc();

    private NativeDecoder(AVCodecContext context) {
        this.context = context;
    }

    /** @param maxPixels larger frames are refused by the decoder before it allocates them */
    static NativeDecoder ofStill(int codec, long maxPixels) {
        return open(codec, null, maxPixels);
    }

    static NativeDecoder ofStream(AVCodecParameters parameters, long maxPixels) {
        return open(parameters.codec_id(), parameters, maxPixels);
    }

    private static NativeDecoder open(int codecId, AVCodecParameters parameters, long maxPixels) {
        Ffmpeg.start();
        AVCodec codec = avcodec_find_decoder(codecId);
        if (codec == null || codec.isNull()) {
            throw ServingException.unsupported(
                    "decoding a video: no decoder for %s; send H.264, HEVC, AV1, VP8 or VP9", name(codecId));
        }
        NativeDecoder decoder = new NativeDecoder(avcodec_alloc_context3(codec));
        try {
            if (parameters != null) {
                Ffmpeg.check(avcodec_parameters_to_context(decoder.context, parameters), "reading codec parameters");
            }
            // One thread: frame threads make what a damaged stream yields depend on timing.
            decoder.context.thread_count(1);
            decoder.context.max_pixels(aligned(maxPixels));
            Ffmpeg.check(
                    avcodec_open2(decoder.context, codec, (AVDictionary) null),
                    "opening a " + name(codecId) + " decoder");
            return decoder;
        } catch (ServingException e) {
            decoder.close();
            throw e;
        }
    }

    /** Decoders compare the limit with an area whose rows are rounded up to whole vectors. */
    static long aligned(long pixels) {
        return pixels + ROW_ROUNDING * MAX_ROWS;
    }

    private static String name(int codecId) {
        return avcodec_get_name(codecId).getString();
    }

    /** @param packet null at the end, to get the frames that the decoder still holds */
    void send(AVPacket packet) {
        Ffmpeg.check(avcodec_send_packet(context, packet), "decoding");
    }

    /** @return the next frame, valid until the next call; null when another packet is needed or all is done */
    AVFrame receive() {
        int result = avcodec_receive_frame(context, frame);
        if (result == AVERROR_EAGAIN() || result == AVERROR_EOF) {
            return null;
        }
        Ffmpeg.check(result, "decoding");
        return frame;
    }

    /** Decodes a file that is one packet. */
    AVFrame decodeStill(byte[] encoded) {
        AVPacket packet = av_packet_alloc();
        try {
            Ffmpeg.check(av_new_packet(packet, encoded.length), "copying a picture");
            packet.data().put(encoded, 0, encoded.length);
            send(packet);
            send(null);
        } finally {
            av_packet_free(packet);
        }
        AVFrame decoded = receive();
        if (decoded == null) {
            throw ServingException.invalid("decoding a picture: the file holds no picture data");
        }
        return decoded;
    }

    @Override
    public void close() {
        av_frame_free(frame);
        avcodec_free_context(context);
    }
}
