package dev.purekv.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.imageio.ImageIO;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The media files and goldens that integration-tests/reference/make_media_goldens.py made with Pillow and PyAV. */
public final class MediaGolden {
    private static final String FOLDER = "/golden/media/";

    private MediaGolden() {}

    public static byte[] bytes(String name) {
        try (InputStream in = MediaGolden.class.getResourceAsStream(FOLDER + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode json() {
        return JsonMapper.shared().readTree(bytes("media.json"));
    }

    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The reference's pixels, for telling how far ours are from them. */
    static Frame picture(String name) {
        try {
            var image = ImageIO.read(new ByteArrayInputStream(bytes(name)));
            byte[] rgb = new byte[image.getWidth() * image.getHeight() * 3];
            int at = 0;
            for (int y = 0; y < image.getHeight(); y++) {
                for (int x = 0; x < image.getWidth(); x++) {
                    int pixel = image.getRGB(x, y);
                    rgb[at++] = (byte) (pixel >> 16);
                    rgb[at++] = (byte) (pixel >> 8);
                    rgb[at++] = (byte) pixel;
                }
            }
            return new Frame(image.getWidth(), image.getHeight(), rgb);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return "equal", or the largest difference and how many samples differ */
    static String difference(byte[] ours, byte[] reference) {
        if (ours.length != reference.length) {
            return ours.length + " samples instead of " + reference.length;
        }
        int largest = 0;
        int count = 0;
        for (int i = 0; i < ours.length; i++) {
            int difference = Math.abs((ours[i] & 255) - (reference[i] & 255));
            largest = Math.max(largest, difference);
            count += difference == 0 ? 0 : 1;
        }
        return largest == 0 ? "equal" : count + " of " + ours.length + " samples differ, by up to " + largest;
    }

    public static List<String> strings(JsonNode array) {
        List<String> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asString()));
        return values;
    }

    public static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
