package dev.purekv.model.videollama2;

import dev.purekv.media.Frame;
import dev.purekv.model.VisualInput;
import dev.purekv.model.decoder.VisionEncoder;
import dev.purekv.tensor.ComputeDevice;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Tower and connector together. Frames pass the tower and the connector's first stage a few at a time; a picture passes them once,
 * however often the connector then sees it.
 */
final class ClipReader implements VisionEncoder {
    /** About 200 MB of intermediate results at the released sizes. */
    private static final int CHUNK_PATCHES = 2048;

    private final VideoLlama2Config config;
    private final FrameTower tower;
    private final StcConnector connector;
    private final ComputeDevice device;

    ClipReader(VideoLlama2Config config, FrameTower tower, StcConnector connector, ComputeDevice device) {
        this.config = config;
        this.tower = tower;
        this.connector = connector;
        this.device = device;
    }

    @Override
    public void encode(VisualInput visual, Tensor tokens, Runnable progress) {
        List<Frame> frames = visual.frames();
        int shown = visual.grid().t();
        if (frames.size() != shown && frames.size() != 1) {
            throw new IllegalArgumentException(
                    "expected one frame or " + shown + " of them for " + visual.grid() + ", got " + frames.size());
        }
        int side = config.tower().side();
        int chunk = Math.max(1, CHUNK_PATCHES / config.tower().patches());
        try (PointerScope scope = new PointerScope()) {
            Tensor seen = device.empty(frames.size(), side, side, config.text().hidden());
            for (int first = 0; first < frames.size(); first += chunk) {
                int count = Math.min(chunk, frames.size() - first);
                try (PointerScope part = new PointerScope()) {
                    Tensor features = tower.features(frames.subList(first, first + count), progress);
                    seen.narrow(0, first, count).copy_(connector.frames(features, progress));
                }
            }
            connector.tokens(seen.expand(shown, side, side, config.text().hidden()), tokens, progress);
        }
    }
}
