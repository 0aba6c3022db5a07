/**
 * Pictures and clips to RGB frames: decoding from memory within limits, frame choice and exact resizing.
 *
 * <p>{@link dev.purekv.media.PictureDecoder} and {@link dev.purekv.media.VideoDecoder} take hostile bytes. Sizes, playing
 * time and the end of the file are checked from headers first; FFmpeg sees only the demuxers of
 * {@code Container}, opens no files and no addresses, prints nothing and calls nothing back. Every native structure is
 * owned by one closed class ({@code NativeClip}, {@code NativeDecoder}, {@code RgbConverter}).
 *
 * <p>{@code LibTorch.start()} must run before, for it settles JavaCPP's memory limits for the whole process.
 */
package dev.purekv.media;
