package dev.purekv.it;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** What a canvas shows. */
record Pixels(BufferedImage image) {
    /** @param uri as {@code toDataURL()} gives it */
    static Pixels of(String uri) throws IOException {
        byte[] png = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        return new Pixels(ImageIO.read(new ByteArrayInputStream(png)));
    }

    /** @return the share of pixels with another colour there, 0 to 1 */
    double otherThan(Pixels other) {
        int width = image.getWidth();
        int height = image.getHeight();
        if (other.image.getWidth() != width || other.image.getHeight() != height) {
            throw new IllegalArgumentException("two sizes: " + width + "x" + height + " and " + other.image.getWidth()
                    + "x" + other.image.getHeight());
        }
        int[] mine = image.getRGB(0, 0, width, height, null, 0, width);
        int[] others = other.image.getRGB(0, 0, width, height, null, 0, width);
        int different = 0;
        for (int i = 0; i < mine.length; i++) {
            different += mine[i] == others[i] ? 0 : 1;
        }
        return (double) different / mine.length;
    }
}
