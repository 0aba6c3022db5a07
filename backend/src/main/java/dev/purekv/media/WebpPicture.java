package dev.purekv.media;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_WEBP;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_ARGB;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVA420P;

import dev.purekv.ServingException;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;

/** WebP by FFmpeg's decoder. Lossy colours are then computed as libwebp computes them, see {@link WebpColours}. */
final class WebpPicture {
    private WebpPicture() {}

    static Frame decode(byte[] encoded, PictureHeader header) {
        try (NativeDecoder decoder = NativeDecoder.ofStill(AV_CODEC_ID_WEBP, (long) header.width() * header.height())) {
            AVFrame picture = decoder.decodeStill(encoded);
            if (picture.width() != header.width() || picture.height() != header.height()) {
                throw ServingException.invalid(
                        "decoding a webp picture: its header says %dx%d, its pixels are %dx%d; save it again",
                        header.width(), header.height(), picture.width(), picture.height());
            }
            int format = picture.format();
            if (format == AV_PIX_FMT_ARGB) {
                return lossless(plane(picture, 0, picture.height(), 4 * picture.width()), header);
            }
            if (format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVA420P) {
                return lossy(picture, header, format == AV_PIX_FMT_YUVA420P && header.alpha());
            }
            throw ServingException.unsupported("decoding a webp picture: unexpected pixel layout %d", format);
        }
    }

    private static Frame lossless(byte[] argb, PictureHeader header) {
        byte[] rgb = new byte[argb.length / 4 * 3];
        for (int from = 0, to = 0; from < argb.length; from += 4) {
            int alpha = header.alpha() ? argb[from] & 255 : 255;
            for (int c = 1; c <= 3; c++) {
                rgb[to++] = (byte) White.under(argb[from + c] & 255, alpha);
            }
        }
        return new Frame(header.width(), header.height(), rgb);
    }

    private static Frame lossy(AVFrame picture, PictureHeader header, boolean alpha) {
        int width = header.width();
        int height = header.height();
        int halfWidth = (width + 1) / 2;
        int halfHeight = (height + 1) / 2;
        byte[] rgb = new WebpColours(
                        width,
                        height,
                        plane(picture, 0, height, width),
                        plane(picture, 1, halfHeight, halfWidth),
                        plane(picture, 2, halfHeight, halfWidth))
                .rgb();
        if (alpha) {
            byte[] opacity = plane(picture, 3, height, width);
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) White.under(rgb[i] & 255, opacity[i / 3] & 255);
            }
        }
        return new Frame(width, height, rgb);
    }

    /** @return the rows of one plane without their padding */
    private static byte[] plane(AVFrame picture, int plane, int rows, int bytesPerRow) {
        byte[] bytes = new byte[rows * bytesPerRow];
        BytePointer data = picture.data(plane);
        int stride = picture.linesize(plane);
        for (int y = 0; y < rows; y++) {
            data.position((long) y * stride).get(bytes, y * bytesPerRow, bytesPerRow);
        }
        return bytes;
    }
}
