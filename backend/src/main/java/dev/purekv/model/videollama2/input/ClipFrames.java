package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import dev.purekv.media.DecodedVideo;
import dev.purekv.media.Frame;
import dev.purekv.media.FrameChoice;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.PictureDecoder;
import dev.purekv.media.VideoDecoder;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.text.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Decodes, samples and squares the media of one prompt.
 *
 * <p>Source: {@code process_video} and {@code process_image} in the original's {@code mm_utils.py}. Differs: more than 32 frames
 * that were sent as such are refused, where the reference leaves the rest out without a word.
 */
final class ClipFrames {
    /** The reference's MAX_FRAMES. */
    private static final int MOST = 32;

    /** Two frames make a slice. */
    private static final int SLICE = 2;

    private final TowerPictures tower;
    private final int frames;
    private final int side;
    private final FamilySettings settings;
    private final MediaLimits limits;
    private final BooleanSupplier cancelled;

    /**
     * @param frames that the model sees of a clip
     * @param side patches on a side of the tower's square
     */
    ClipFrames(
            TowerPictures tower,
            int frames,
            int side,
            FamilySettings settings,
            MediaLimits limits,
            BooleanSupplier cancelled) {
        this.tower = tower;
        this.frames = frames;
        this.side = side;
        this.settings = settings;
        this.limits = limits;
        this.cancelled = cancelled;
    }

    VisualInput read(Message.Part medium) {
        if (medium instanceof Message.Image image) {
            Frame picture = square(PictureDecoder.decode(image.bytes(), limits));
            return new VisualInput(VisualInput.Kind.IMAGE, List.of(picture), new Grid(frames, side, side), 0);
        }
        if (medium instanceof Message.Video video) {
            return video(video.bytes());
        }
        if (medium instanceof Message.Frames sent) {
            return frames(sent);
        }
        throw ServingException.invalid(
                "encoding a prompt: expected images and videos as media, got text; put it into the prompt");
    }

    private VisualInput video(byte[] bytes) {
        DecodedVideo video = VideoDecoder.decode(
                bytes,
                limits,
                cancelled,
                facts -> new FrameChoice(
                        Arrays.stream(choose(facts.frames())).distinct().toArray(), this::square));
        int total = video.facts().frames();
        double sampled = frames * video.facts().framesPerSecond() / total;
        // The reference reads a gif from front to end and takes each frame once; of other files it takes some again.
        List<Frame> shown = isGif(bytes) ? video.frames() : repeated(video.frames(), choose(total));
        return clip(shown, video.facts().width(), video.facts().height(), sampled);
    }

    private int[] choose(int clipFrames) {
        int[] all = new UniformFrames(frames, settings.code()).choose(clipFrames);
        return Arrays.copyOf(all, Math.min(all.length, MOST));
    }

    private static boolean isGif(byte[] bytes) {
        return new String(bytes, 0, Math.min(4, bytes.length), StandardCharsets.ISO_8859_1).equals("GIF8");
    }

    private static List<Frame> repeated(List<Frame> distinct, int[] indices) {
        List<Frame> all = new ArrayList<>();
        int at = -1;
        for (int i = 0; i < indices.length; i++) {
            at += i == 0 || indices[i] != indices[i - 1] ? 1 : 0;
            all.add(distinct.get(at));
        }
        return all;
    }

    private VisualInput frames(Message.Frames sent) {
        int count = sent.pictures().size();
        if (count > MOST) {
            throw ServingException.invalid(
                    "encoding a prompt: a video of %d frames, the model takes at most %d; send fewer", count, MOST);
        }
        List<Frame> all = new ArrayList<>();
        Frame last = null;
        for (byte[] each : sent.pictures()) {
            if (cancelled.getAsBoolean()) {
                throw ServingException.cancelled("the request was cancelled after %d frames", all.size());
            }
            last = PictureDecoder.decode(each, limits);
            all.add(square(last));
        }
        if (last == null) {
            throw ServingException.invalid("encoding a prompt: a video without frames; send at least one");
        }
        return clip(all, last.width(), last.height(), sent.framesPerSecond());
    }

    /**
     * A clip, filled up with black frames as version 1.5 does it: each has the sides of the one before it the other way round.
     *
     * @param width of the last frame that is shown
     * @param rate frames a second
     */
    private VisualInput clip(List<Frame> shown, int width, int height, double rate) {
        List<Frame> all = new ArrayList<>(shown);
        int missing = settings.code() == CodeVersion.V1_5 ? Math.min(frames, MOST) - shown.size() : 0;
        for (int i = 0; i < missing; i++) {
            // All those of one orientation are one frame.
            all.add(i < 2 ? black(i % 2 == 0 ? height : width, i % 2 == 0 ? width : height) : all.get(all.size() - 2));
        }
        return new VisualInput(VisualInput.Kind.VIDEO, all, new Grid(all.size(), side, side), SLICE / rate);
    }

    private Frame black(int width, int height) {
        return square(new Frame(width, height, new byte[Math.multiplyExact(width * height, 3)]));
    }

    private Frame square(Frame frame) {
        return tower.square(frame, settings.padding(), limits.imagePixels());
    }
}
