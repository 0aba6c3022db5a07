package dev.purekv.media;

/**
 * Bicubic resizing that gives the very bytes of Pillow's {@code Image.resize(size, BICUBIC)}: two passes, horizontal
 * first, each rounded to 8 bits, with antialiasing when shrinking and 22-bit fixed-point weights.
 *
 * <p>Source: Pillow 11.3 {@code src/libImaging/Resample.c}, checked byte for byte. Image processors of the reference use
 * it; other bicubics (torch, OpenCV, java.awt) differ by up to tens of levels.
 */
public final class PillowBicubic {
    private static final int PRECISION = 22;
    private static final int HALF = 1 << (PRECISION - 1);

    /** The weights of every output position: those of {@code i} stand at {@code i * width}, for inputs from {@code first[i]}. */
    private record Weights(int[] first, int[] count, int[] weight, int width) {}

    private PillowBicubic() {}

    /** @return the picture at the asked size; the same object when it has that size already */
    public static Frame resize(Frame source, int width, int height) {
        byte[] pixels = source.rgb();
        if (source.width() != width) {
            pixels = horizontal(pixels, source.width(), source.height(), weights(source.width(), width));
        }
        if (source.height() != height) {
            pixels = vertical(pixels, width, weights(source.height(), height));
        }
        return pixels == source.rgb() ? source : new Frame(width, height, pixels);
    }

    private static Weights weights(int from, int to) {
        double scale = (double) from / to;
        double filterScale = Math.max(scale, 1.0);
        double support = 2.0 * filterScale;
        int width = (int) Math.ceil(support) * 2 + 1;
        int[] first = new int[to];
        int[] count = new int[to];
        int[] weight = new int[Math.multiplyExact(to, width)];
        double[] exact = new double[width];
        for (int i = 0; i < to; i++) {
            double center = (i + 0.5) * scale;
            int low = Math.max((int) (center - support + 0.5), 0);
            int high = Math.min((int) (center + support + 0.5), from);
            double sum = 0;
            for (int k = low; k < high; k++) {
                double w = bicubic((k - center + 0.5) * (1.0 / filterScale));
                exact[k - low] = w;
                sum += w;
            }
            for (int k = 0; k < high - low; k++) {
                double w = (sum == 0 ? exact[k] : exact[k] * (1.0 / sum)) * (1 << PRECISION);
                weight[i * width + k] = (int) (w < 0 ? w - 0.5 : w + 0.5);
            }
            first[i] = low;
            count[i] = high - low;
        }
        return new Weights(first, count, weight, width);
    }

    private static double bicubic(double at) {
        double a = -0.5;
        double x = Math.abs(at);
        if (x < 1.0) {
            return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
        }
        return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a : 0.0;
    }

    private static byte[] horizontal(byte[] from, int width, int height, Weights weights) {
        int to = weights.first().length;
        byte[] result = new byte[Math.multiplyExact(Math.multiplyExact(to, height), 3)];
        for (int y = 0; y < height; y++) {
            int row = y * width * 3;
            int at = y * to * 3;
            for (int x = 0; x < to; x++) {
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                int pixel = row + weights.first()[x] * 3;
                int end = x * weights.width() + weights.count()[x];
                for (int k = x * weights.width(); k < end; k++, pixel += 3) {
                    int w = weights.weight()[k];
                    red += (from[pixel] & 255) * w;
                    green += (from[pixel + 1] & 255) * w;
                    blue += (from[pixel + 2] & 255) * w;
                }
                result[at++] = clamp(red);
                result[at++] = clamp(green);
                result[at++] = clamp(blue);
            }
        }
        return result;
    }

    private static byte[] vertical(byte[] from, int width, Weights weights) {
        int to = weights.first().length;
        int stride = width * 3;
        byte[] result = new byte[Math.multiplyExact(to, stride)];
        int[] sums = new int[stride];
        for (int y = 0; y < to; y++) {
            java.util.Arrays.fill(sums, HALF);
            for (int k = 0; k < weights.count()[y]; k++) {
                int w = weights.weight()[y * weights.width() + k];
                int row = (weights.first()[y] + k) * stride;
                for (int x = 0; x < stride; x++) {
                    sums[x] += (from[row + x] & 255) * w;
                }
            }
            for (int x = 0; x < stride; x++) {
                result[y * stride + x] = clamp(sums[x]);
            }
        }
        return result;
    }

    private static byte clamp(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> PRECISION));
    }
}
