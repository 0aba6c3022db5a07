package dev.purekv.model.videollama2.input;

import dev.purekv.ServingException;
import dev.purekv.media.Frame;
import dev.purekv.media.MediaLimits;
import dev.purekv.media.PillowBicubic;
import dev.purekv.model.input.PixelNormalisation;
import dev.purekv.text.JsonFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * How a vision tower's image processor makes a square of a picture: CLIP's scales the shorter side and cuts the middle out, SigLIP's
 * scales both sides, whatever the proportions.
 *
 * <p>Source: transformers 4.40.0 {@code CLIPImageProcessor} and {@code SiglipImageProcessor}, both by Pillow.
 *
 * @param clip which of the two
 * @param shortest pixels of the shorter side before the middle is cut out; of both sides for SigLIP
 * @param side pixels of the square
 */
public record TowerPictures(boolean clip, int shortest, int side, PixelNormalisation pixels) {
    /** Beyond this a scaled picture would be mostly cut off or squashed, and large on the way. */
    private static final int MAX_ASPECT = 200;

    private static final PixelNormalisation SIGLIP =
            new PixelNormalisation(1 / 255.0, List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    private static final int BICUBIC = 3;

    /**
     * Reads the processor's file in the checkpoint's folder of the tower; without one, those of the released towers hold.
     *
     * @throws ServingException INVALID_REQUEST or UNSUPPORTED, naming the file
     */
    public static TowerPictures read(Path checkpoint) {
        JsonNode config = JsonFile.read(checkpoint.resolve("config.json"));
        TowerFolder folder =
                TowerFolder.of(checkpoint, config.path("mm_vision_tower").asString(""));
        PixelNormalisation usual = folder.clip() ? PixelNormalisation.CLIP : SIGLIP;
        if (folder.path().isEmpty()) {
            int side = folder.clip() ? 336 : 384;
            return new TowerPictures(folder.clip(), side, side, usual);
        }
        Path file = folder.path().get().resolve("preprocessor_config.json");
        JsonNode root = JsonFile.read(file);
        if (root.path("resample").asInt(BICUBIC) != BICUBIC
                || !root.path("do_resize").asBoolean(true)
                || !root.path("do_center_crop").asBoolean(true)) {
            throw ServingException.unsupported(
                    "reading %s: only bicubic resizing (resample 3) with the usual steps is implemented", file);
        }
        JsonNode size = root.path("size");
        int shortest = first(file, "size", size, size.path("shortest_edge"), size.path("height"));
        JsonNode crop = root.path("crop_size");
        int side = folder.clip() ? first(file, "crop_size", crop, crop.path("height")) : shortest;
        if (side > shortest) {
            throw ServingException.invalid(
                    "reading %s: crop_size (%d) must not be larger than size (%d)", file, side, shortest);
        }
        return new TowerPictures(folder.clip(), shortest, side, PixelNormalisation.read(file, usual));
    }

    private static int first(Path file, String key, JsonNode... places) {
        return Arrays.stream(places)
                .filter(place -> place.isInt() && place.asInt() > 0)
                .findFirst()
                .map(JsonNode::asInt)
                .orElseThrow(() -> ServingException.invalid(
                        "reading %s: %s: expected a number of pixels, or an object with one", file, key));
    }

    /**
     * @param padding whether it is laid on a square of the mean colour first
     * @param mostPixels that the square may have
     * @return the picture as the tower sees it, {@code side} pixels on each side
     * @throws ServingException INVALID_REQUEST for proportions or a square that are beyond limits
     */
    Frame square(Frame picture, boolean padding, long mostPixels) {
        int longer = Math.max(picture.width(), picture.height());
        if (longer > (long) MAX_ASPECT * Math.min(picture.width(), picture.height())) {
            throw ServingException.invalid(
                    "resizing a picture: expected sides of at most 1:%d, got %dx%d; crop it",
                    MAX_ASPECT, picture.width(), picture.height());
        }
        if (padding && (long) longer * longer > mostPixels) {
            throw ServingException.invalid(
                    "padding a picture to a square: expected at most %d pixels, got %dx%d; scale it down before sending, or raise the "
                            + "model's parameter '%s'",
                    mostPixels, longer, longer, MediaLimits.PICTURE_PIXELS);
        }
        Frame source = padding ? padded(picture, longer) : picture;
        if (!clip) {
            return PillowBicubic.resize(source, side, side);
        }
        boolean tall = source.width() <= source.height();
        int other = (int) ((long) shortest
                * Math.max(source.width(), source.height())
                / Math.min(source.width(), source.height()));
        return middle(PillowBicubic.resize(source, tall ? shortest : other, tall ? other : shortest));
    }

    /** Source: the original's {@code expand2square}, filled with the mean colour cut off to a whole number. */
    private Frame padded(Frame picture, int square) {
        if (picture.width() == picture.height()) {
            return picture;
        }
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(square, square), 3)];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (pixels.mean().get(i % 3) * 255);
        }
        int left = (square - picture.width()) / 2;
        int top = (square - picture.height()) / 2;
        for (int y = 0; y < picture.height(); y++) {
            System.arraycopy(
                    picture.rgb(), y * picture.width() * 3, rgb, ((top + y) * square + left) * 3, picture.width() * 3);
        }
        return new Frame(square, square, rgb);
    }

    private Frame middle(Frame picture) {
        if (picture.width() == side && picture.height() == side) {
            return picture;
        }
        byte[] rgb = new byte[side * side * 3];
        int left = (picture.width() - side) / 2;
        int top = (picture.height() - side) / 2;
        for (int y = 0; y < side; y++) {
            System.arraycopy(picture.rgb(), ((top + y) * picture.width() + left) * 3, rgb, y * side * 3, side * 3);
        }
        return new Frame(side, side, rgb);
    }
}
