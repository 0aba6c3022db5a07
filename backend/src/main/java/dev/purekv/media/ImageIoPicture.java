package dev.purekv.media;

import dev.purekv.ServingException;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** PNG, JPEG, GIF and BMP by the JDK's readers, which need no display. Stored samples are taken; colour profiles are not applied. */
final class ImageIoPicture {
    private ImageIoPicture() {}

    static Frame decode(byte[] encoded, PictureHeader header) {
        BufferedImage image = read(encoded, header);
        Raster raster = image.getRaster();
        if (header.format() != PictureHeader.Format.GIF
                && (raster.getWidth() != header.width() || raster.getHeight() != header.height())) {
            throw damaged(header, "its pixels are " + raster.getWidth() + "x" + raster.getHeight());
        }
        byte[] rgb = new byte[header.width() * header.height() * 3];
        if (header.format() == PictureHeader.Format.GIF) {
            fillCanvas(rgb, (IndexColorModel) image.getColorModel());
        }
        RowReader rows = rows(image.getColorModel(), raster, header.alpha());
        int rowsShown = Math.min(raster.getHeight(), header.height() - header.top());
        int columnsShown = Math.min(raster.getWidth(), header.width() - header.left());
        for (int y = 0; y < rowsShown; y++) {
            rows.read(y, columnsShown, rgb, ((y + header.top()) * header.width() + header.left()) * 3);
        }
        return new Frame(header.width(), header.height(), rgb);
    }

    /** Around a first frame that is smaller than its canvas Pillow shows the transparent colour, else colour 0. */
    private static void fillCanvas(byte[] rgb, IndexColorModel palette) {
        int colour = palette.getRGB(Math.max(0, palette.getTransparentPixel()));
        for (int at = 0; at < rgb.length; at += 3) {
            rgb[at] = (byte) (colour >> 16);
            rgb[at + 1] = (byte) (colour >> 8);
            rgb[at + 2] = (byte) colour;
        }
    }

    private static BufferedImage read(byte[] encoded, PictureHeader header) {
        ImageReader reader = ImageIO.getImageReadersByFormatName(
                        header.format().name().toLowerCase(Locale.ROOT))
                .next();
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // The JDK's readers answer some broken files with unchecked exceptions, and wrap what is not the file's
            // fault.
            if (e.getCause() instanceof OutOfMemoryError full) {
                throw full;
            }
            throw damaged(header, String.valueOf(e.getMessage()));
        } finally {
            reader.dispose();
        }
    }

    private static ServingException damaged(PictureHeader header, String why) {
        return ServingException.invalid(
                "decoding a %s picture of %dx%d: the file is damaged: %s",
                header.format().name().toLowerCase(Locale.ROOT), header.width(), header.height(), why);
    }

    /** Writes the first pixels of one row as RGB. */
    private interface RowReader {
        void read(int y, int columns, byte[] rgb, int at);
    }

    private static RowReader rows(ColorModel colours, Raster raster, boolean onWhite) {
        if (colours instanceof IndexColorModel palette) {
            return paletteRows(palette, raster);
        }
        int bands = raster.getNumBands();
        int shift = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
        int[] samples = new int[raster.getWidth() * bands];
        return (y, columns, rgb, at) -> {
            raster.getPixels(0, y, raster.getWidth(), 1, samples);
            for (int x = 0, out = at; x < columns; x++) {
                for (int c = 0; c < 3; c++) {
                    // Grey, with or without alpha, has its one colour in band 0.
                    int value = samples[x * bands + (bands < 3 ? 0 : c)] >> shift;
                    rgb[out++] = (byte)
                            (onWhite && bands == 4 ? White.under(value, samples[x * bands + 3] >> shift) : value);
                }
            }
        };
    }

    private static RowReader paletteRows(IndexColorModel palette, Raster raster) {
        int[] samples = new int[raster.getWidth()];
        return (y, columns, rgb, at) -> {
            raster.getPixels(0, y, raster.getWidth(), 1, samples);
            for (int x = 0, out = at; x < columns; x++) {
                int colour = samples[x] < palette.getMapSize() ? palette.getRGB(samples[x]) : 0;
                rgb[out++] = (byte) (colour >> 16);
                rgb[out++] = (byte) (colour >> 8);
                rgb[out++] = (byte) colour;
            }
        };
    }
}
