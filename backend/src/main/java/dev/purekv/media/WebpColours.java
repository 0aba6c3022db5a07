package dev.purekv.media;

/**
 * Colours of a lossy WebP picture as libwebp gives them, bit for bit: each chroma sample is spread over the luma grid with
 * weights 9, 3, 3, 1 out of 16, then turned to RGB in 14-bit fixed point (ITU-R BT.601, limited range).
 *
 * <p>Source: libwebp {@code dsp/upsampling.c} and {@code dsp/yuv.h}. swscale, which the clips use, would differ by tens of
 * levels at edges.
 *
 * @param y luma, one byte a pixel
 * @param u chroma, one byte for 2x2 pixels, rounded up
 * @param v likewise
 */
record WebpColours(int width, int height, byte[] y, byte[] u, byte[] v) {
    byte[] rgb() {
        byte[] rgb = new byte[width * height * 3];
        int[] blue = new int[width];
        int[] red = new int[width];
        for (int row = 0; row < height; row++) {
            spread(u, row, blue);
            spread(v, row, red);
            for (int x = 0, out = row * width * 3; x < width; x++) {
                int luma = scaled(y[row * width + x] & 255, 19077);
                rgb[out++] = clip(luma + scaled(red[x], 26149) - 14234);
                rgb[out++] = clip(luma - scaled(blue[x], 6419) - scaled(red[x], 13320) + 8708);
                rgb[out++] = clip(luma + scaled(blue[x], 33050) - 17685);
            }
        }
        return rgb;
    }

    /** Chroma of one luma row. Its own chroma row weighs three times the neighbour's, and columns likewise. */
    private void spread(byte[] chroma, int row, int[] out) {
        int columns = (width + 1) / 2;
        int rows = (height + 1) / 2;
        int near = row / 2 * columns;
        int other = (row & 1) == 0 ? row / 2 - 1 : row / 2 + 1;
        int far = Math.max(0, Math.min(rows - 1, other)) * columns;
        out[0] = edge(chroma[near] & 255, chroma[far] & 255);
        for (int x = 1; x < columns; x++) {
            int left = chroma[near + x - 1] & 255;
            int right = chroma[near + x] & 255;
            int farLeft = chroma[far + x - 1] & 255;
            int farRight = chroma[far + x] & 255;
            int sum = left + right + farLeft + farRight + 8;
            out[2 * x - 1] = (((sum + 2 * (right + farLeft)) >> 3) + left) >> 1;
            if (2 * x < width) {
                out[2 * x] = (((sum + 2 * (left + farRight)) >> 3) + right) >> 1;
            }
        }
        if ((width & 1) == 0) {
            out[width - 1] = edge(chroma[near + columns - 1] & 255, chroma[far + columns - 1] & 255);
        }
    }

    private static int edge(int near, int far) {
        return (3 * near + far + 2) >> 2;
    }

    private static int scaled(int value, int factor) {
        return (value * factor) >> 8;
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value >> 6));
    }
}
