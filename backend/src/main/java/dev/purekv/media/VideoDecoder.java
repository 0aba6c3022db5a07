package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_DISCARD;

import dev.purekv.ServingException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Decodes a clip from memory: mp4, mov, webm, mkv, avi or gif with H.264, HEVC, AV1, VP8, VP9 or what else FFmpeg reads.
 *
 * <p>Frames are first counted by their packets, which decodes nothing, then all are decoded and the chosen ones turned to
 * RGB. Should the decoder show another number of frames (leading pictures of an open group, say), the choice is made
 * again for that number, so sampling always rests on what can be seen.
 */
public final class VideoDecoder {
    /** For clips that state no rate, such as a gif of one frame; the reference's rate for bare lists of frames. */
    private static final double UNKNOWN_RATE = 2.0;

    private static final int VP8_SHOWN = 0x10;

    private final byte[] encoded;
    private final Container container;
    private final MediaLimits limits;
    private final Patience patience;

    private VideoDecoder(byte[] encoded, MediaLimits limits, BooleanSupplier cancelled) {
        this.encoded = encoded;
        this.container = Container.of(encoded);
        this.limits = limits;
        this.patience = new Patience(cancelled, limits.decodeTime());
    }

    /**
     * @param cancelled asked once a packet
     * @param choose the frames that are wanted; asked again if the clip turns out to have another number of frames
     * @throws ServingException INVALID_REQUEST or UNSUPPORTED for clips that are broken or past the limits, CANCELLED,
     *     OUT_OF_CAPACITY when the time is up
     */
    public static DecodedVideo decode(
            byte[] encoded, MediaLimits limits, BooleanSupplier cancelled, Function<VideoFacts, FrameChoice> choose) {
        limits.checkBytes("a video", encoded);
        VideoDecoder decoder = new VideoDecoder(encoded, limits, cancelled);
        VideoFacts facts = decoder.measure();
        FrameChoice choice = choose.apply(facts);
        List<Frame> frames = new ArrayList<>();
        int shown = decoder.decode(choice, frames);
        if (shown != facts.frames()) {
            facts = decoder.checked(facts.withFrames(shown));
            choice = choose.apply(facts);
            frames.clear();
            decoder.decode(choice, frames);
        }
        double sampled = (double) frames.size() / facts.frames() * facts.framesPerSecond();
        return new DecodedVideo(facts, frames, sampled);
    }

    private VideoFacts measure() {
        try (NativeClip clip = open()) {
            AVCodecParameters parameters = clip.parameters();
            limits.checkVideo(parameters.width(), parameters.height());
            limits.checkDuration(clip.seconds());
            int frames = countShown(clip);
            double rate = clip.framesPerSecond() > 0 ? clip.framesPerSecond() : UNKNOWN_RATE;
            boolean swap = clip.orientation().swap();
            int width = swap ? parameters.height() : parameters.width();
            int height = swap ? parameters.width() : parameters.height();
            return checked(new VideoFacts(frames, rate, width, height));
        }
    }

    private VideoFacts checked(VideoFacts facts) {
        if (facts.frames() < 1) {
            throw ServingException.invalid("decoding a video: expected at least one frame, it has none");
        }
        limits.checkDuration(facts.frames() / facts.framesPerSecond());
        return facts;
    }

    private NativeClip open() {
        return NativeClip.open(encoded, container, limits.videoPixels());
    }

    private int countShown(NativeClip clip) {
        boolean vp8 = clip.parameters().codec_id() == AV_CODEC_ID_VP8;
        int shown = 0;
        for (AVPacket packet = clip.next(); packet != null; packet = clip.next()) {
            patience.check();
            if ((packet.flags() & AV_PKT_FLAG_CORRUPT) != 0) {
                throw PictureHeader.cutShort("a video");
            }
            // Edit lists hide frames; VP8 has reference frames that are never shown.
            boolean hidden = (packet.flags() & AV_PKT_FLAG_DISCARD) != 0
                    || vp8 && packet.size() > 0 && (packet.data().get(0) & VP8_SHOWN) == 0;
            if (!hidden) {
                limits.checkFrames(++shown);
            }
        }
        return shown;
    }

    /** @return how many frames the decoder showed */
    private int decode(FrameChoice choice, List<Frame> frames) {
        try (NativeClip clip = open();
                NativeDecoder decoder = NativeDecoder.ofStream(clip.parameters(), limits.videoPixels());
                RgbConverter rgb = new RgbConverter(
                        clip.parameters().width(), clip.parameters().height())) {
            Orientation orientation = clip.orientation();
            int shown = 0;
            boolean more = true;
            while (more) {
                patience.check();
                AVPacket packet = clip.next();
                more = packet != null;
                decoder.send(packet);
                for (AVFrame frame = decoder.receive(); frame != null; frame = decoder.receive()) {
                    limits.checkFrames(shown + 1);
                    if (frames.size() < choice.indices().length && choice.indices()[frames.size()] == shown) {
                        frames.add(choice.prepare().apply(orientation.upright(rgb.convert(frame))));
                    }
                    shown++;
                }
            }
            return shown;
        }
    }
}
