package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_DISPLAYMATRIX;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avformat.avio_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avio_context_free;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_free;
import static org.bytedeco.ffmpeg.global.avutil.av_malloc;

import dev.purekv.ServingException;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVPacketSideData;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * An encoded clip, open for demuxing from memory. Owns its native parts; close frees them.
 *
 * <p>FFmpeg reads from one buffer that holds the whole file: an AVIO context without callbacks, which is marked seekable
 * because every position lies within its buffer. So no callback crosses into Java and nothing is written to disk.
 */
final class NativeClip implements AutoCloseable {
    private static final int PADDING = 64;
    private static final int DISCARD_ALL = 48;
    private static final int SEEKABLE = 1;

    private final AVIOContext memory;
    private final AVFormatContext format;
    private final AVPacket packet = av_packet_alloc();
    private AVStream stream;

    private NativeClip(AVIOContext memory, AVFormatContext format) {
        this.memory = memory;
        this.format = format;
    }

    /** @throws ServingException INVALID_REQUEST when the bytes are no clip or hold no video */
    static NativeClip open(byte[] encoded, Container container, long maxPixels) {
        Ffmpeg.start();
        BytePointer buffer = new BytePointer(av_malloc(encoded.length + (long) PADDING));
        buffer.put(encoded, 0, encoded.length);
        AVIOContext memory = avio_alloc_context(buffer, encoded.length, 0, null, null, null, null);
        memory.seekable(SEEKABLE);
        NativeClip clip = new NativeClip(memory, avformat_alloc_context());
        try {
            clip.openDemuxer(container);
            clip.readStreams(maxPixels);
            clip.chooseStream();
            return clip;
        } catch (ServingException e) {
            clip.close();
            throw e;
        }
    }

    private void openDemuxer(Container container) {
        format.pb(memory);
        Ffmpeg.check(
                avformat_open_input(
                        format, (String) null, av_find_input_format(container.demuxer()), (AVDictionary) null),
                "opening a video");
    }

    /** Frame rates and pixel layouts that the header leaves out are found by decoding the first frames, within the same bounds. */
    private void readStreams(long maxPixels) {
        int streams = format.nb_streams();
        try (PointerPointer<AVDictionary> options = new PointerPointer<>(Math.max(1, streams))) {
            for (int i = 0; i < streams; i++) {
                AVDictionary bounds = new AVDictionary();
                av_dict_set(bounds, "max_pixels", Long.toString(NativeDecoder.aligned(maxPixels)), 0);
                av_dict_set(bounds, "threads", "1", 0);
                options.put(i, bounds);
            }
            int result = avformat_find_stream_info(format, options);
            for (int i = 0; i < streams; i++) {
                AVDictionary unused = options.get(AVDictionary.class, i);
                if (unused != null) {
                    av_dict_free(unused);
                }
            }
            Ffmpeg.check(result, "reading a video's streams");
        }
    }

    private void chooseStream() {
        int best = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (best < 0 || (format.streams(best).disposition() & AV_DISPOSITION_ATTACHED_PIC) != 0) {
            throw ServingException.invalid(
                    "opening a video: expected moving pictures, found %d streams and none of them is video",
                    format.nb_streams());
        }
        stream = format.streams(best);
        for (int i = 0; i < format.nb_streams(); i++) {
            if (i != best) {
                format.streams(i).discard(DISCARD_ALL);
            }
        }
    }

    AVCodecParameters parameters() {
        return stream.codecpar();
    }

    /** @return playing time as the container states it, 0 where it does not */
    double seconds() {
        return Math.max(0, format.duration()) / 1e6;
    }

    /** @return the average rate, else the nominal one, else 0 */
    double framesPerSecond() {
        double average = ratio(stream.avg_frame_rate());
        return average > 0 ? average : Math.max(0, ratio(stream.r_frame_rate()));
    }

    private static double ratio(AVRational rational) {
        return rational.den() == 0 ? 0 : (double) rational.num() / rational.den();
    }

    Orientation orientation() {
        AVCodecParameters parameters = parameters();
        AVPacketSideData sideData = parameters.coded_side_data();
        for (int i = 0; i < parameters.nb_coded_side_data(); i++) {
            AVPacketSideData data = sideData.getPointer(i);
            if (data.type() == AV_PKT_DATA_DISPLAYMATRIX && data.size() >= 9 * Integer.BYTES) {
                IntPointer matrix = new IntPointer((Pointer) data.data());
                return Orientation.ofDisplayMatrix(matrix.get(0), matrix.get(1), matrix.get(3), matrix.get(4));
            }
        }
        return Orientation.UPRIGHT;
    }

    /** @return the next packet of the video, valid until the next call; null at the end */
    AVPacket next() {
        while (true) {
            av_packet_unref(packet);
            int result = av_read_frame(format, packet);
            if (result == AVERROR_EOF) {
                return null;
            }
            Ffmpeg.check(result, "reading a video");
            if (packet.stream_index() == stream.index()) {
                return packet;
            }
        }
    }

    @Override
    public void close() {
        av_packet_free(packet);
        if (!format.isNull()) {
            avformat_close_input(format);
        }
        // Probing may have replaced the buffer: the context knows the one in use.
        av_free(memory.buffer());
        avio_context_free(memory);
    }
}
