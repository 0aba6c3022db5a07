package dev.purekv.model.qwen25vl.input;

import dev.purekv.ServingException;
import dev.purekv.media.DecodedVideo;
import dev.purekv.media.Frame;
import dev.purekv.media.FrameChoice;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.PictureDecoder;
import dev.purekv.media.PillowBicubic;
import dev.purekv.media.PixelBounds;
import dev.purekv.media.SmartResize;
import dev.purekv.media.VideoDecoder;
import dev.purekv.media.VideoFacts;
import dev.purekv.model.Grid;
import dev.purekv.model.VisualInput;
import dev.purekv.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Decodes, samples and resizes the media of one prompt, in order, and stops as soon as their tokens can no longer fit
 * the model: so many small files cannot fill the memory with large frames. One per prompt.
 */
final class VisualInputs {
    /** qwen-vl-utils 0.0.14: all frames of a video together, 90 percent of 128,000 tokens. */
    private static final double VIDEO_PIXELS = 128_000 * 28.0 * 28.0 * 0.9;

    private final InputSettings settings;
    private final MediaLimits limits;
    private final BooleanSupplier cancelled;
    private long tokens;

    VisualInputs(InputSettings settings, MediaLimits limits, BooleanSupplier cancelled) {
        this.settings = settings;
        this.limits = limits;
        this.cancelled = cancelled;
    }

    VisualInput read(Message.Part medium) {
        if (medium instanceof Message.Image image) {
            return image(image.bytes());
        }
        if (medium instanceof Message.Video video) {
            return video(video.bytes());
        }
        if (medium instanceof Message.Frames frames) {
            return frames(frames);
        }
        throw ServingException.invalid(
                "encoding a prompt: expected images and videos as media, got text; put it into the prompt");
    }

    private VisualInput image(byte[] bytes) {
        Frame picture = PictureDecoder.decode(bytes, limits);
        SmartResize size = SmartResize.of(picture.height(), picture.width(), settings.cell(), settings.image());
        Grid grid = grid(1, size);
        count(grid);
        Frame resized = PillowBicubic.resize(picture, size.width(), size.height());
        return new VisualInput(VisualInput.Kind.IMAGE, List.of(resized), grid, 0);
    }

    private VisualInput video(byte[] bytes) {
        DecodedVideo video = VideoDecoder.decode(bytes, limits, cancelled, this::choose);
        return video(video.frames(), video.sampledFramesPerSecond());
    }

    /**
     * Frames that were chosen already. Source: qwen-vl-utils 0.0.14, {@code fetch_video} for a list. Differs: the frames share
     * the pixels that a clip of so many frames has; the reference resizes each as a picture of its own first.
     */
    private VisualInput frames(Message.Frames sent) {
        int count = sent.pictures().size();
        if (count > settings.sampling().maxFrames()) {
            throw ServingException.invalid(
                    "encoding a prompt: a video of %d frames, the model takes at most %d; send fewer",
                    count, settings.sampling().maxFrames());
        }
        List<Frame> frames = new ArrayList<>();
        SmartResize size = null;
        Frame first = null;
        for (byte[] each : sent.pictures()) {
            if (cancelled.getAsBoolean()) {
                throw ServingException.cancelled("the request was cancelled after %d frames", frames.size());
            }
            Frame frame = PictureDecoder.decode(each, limits);
            if (first == null) {
                first = frame;
                size = size(new VideoFacts(count, sent.framesPerSecond(), frame.width(), frame.height()), count);
            } else if (frame.width() != first.width() || frame.height() != first.height()) {
                throw ServingException.invalid(
                        "encoding a prompt: the frames of a video must have one size; the first has %dx%d, frame %d %dx%d",
                        first.width(), first.height(), frames.size(), frame.width(), frame.height());
            }
            frames.add(PillowBicubic.resize(frame, size.width(), size.height()));
        }
        return video(frames, sent.framesPerSecond());
    }

    private VisualInput video(List<Frame> decoded, double sampledFramesPerSecond) {
        List<Frame> frames = new ArrayList<>(decoded);
        while (frames.size() % settings.temporalPatch() != 0) {
            frames.add(frames.get(frames.size() - 1));
        }
        Frame first = frames.get(0);
        Grid grid = grid(frames.size() / settings.temporalPatch(), new SmartResize(first.height(), first.width()));
        count(grid);
        double secondsPerGrid = settings.temporalPatch() / sampledFramesPerSecond;
        return new VisualInput(VisualInput.Kind.VIDEO, frames, grid, secondsPerGrid);
    }

    private FrameChoice choose(VideoFacts facts) {
        int[] indices = settings.sampling().choose(facts.frames(), facts.framesPerSecond());
        SmartResize size = size(facts, indices.length);
        return new FrameChoice(indices, frame -> PillowBicubic.resize(frame, size.width(), size.height()));
    }

    /**
     * The size of each of so many frames.
     *
     * @throws ServingException INVALID_REQUEST when their tokens do not fit the model
     */
    private SmartResize size(VideoFacts facts, int frames) {
        PixelBounds bounds = settings.video();
        double shared = Math.min(bounds.max(), VIDEO_PIXELS / frames * settings.temporalPatch());
        long max = Math.max((long) shared, (long) (bounds.min() * 1.05));
        SmartResize size =
                SmartResize.of(facts.height(), facts.width(), settings.cell(), new PixelBounds(bounds.min(), max));
        int slices = (frames + settings.temporalPatch() - 1) / settings.temporalPatch();
        requireRoom(tokens + tokens(grid(slices, size)));
        return size;
    }

    private Grid grid(int slices, SmartResize size) {
        return new Grid(slices, size.height() / settings.patch(), size.width() / settings.patch());
    }

    private int tokens(Grid grid) {
        return grid.patches() / (settings.merge() * settings.merge());
    }

    private void count(Grid grid) {
        tokens += tokens(grid);
        requireRoom(tokens);
    }

    private void requireRoom(long needed) {
        if (needed > settings.maxTokens()) {
            throw ServingException.invalid(
                    "encoding a prompt: its media need %d tokens, the model reads at most %d; send fewer, shorter or smaller media",
                    needed, settings.maxTokens());
        }
    }
}
