package dev.purekv.console.evaluation;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a file begins as one of the clips that can be asked about does. Whether it can be decoded is seen when it is: this only tells a
 * text or a picture of another name, before an evaluation of an hour meets it.
 */
final class ClipKind {
    private static final int HEAD = 12; // bytes
    private static final String MATROSKA = "\u001aE\u00df\u00a3"; // and webm

    private ClipKind() {}

    static boolean isClip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String head = new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1);
            return head.startsWith("ftyp", 4) // mp4, mov
                    || head.startsWith("moov", 4) // mov of old
                    || head.startsWith("mdat", 4)
                    || head.startsWith("free", 4)
                    || head.startsWith("skip", 4)
                    || head.startsWith("styp", 4)
                    || head.startsWith("wide", 4)
                    || head.startsWith(MATROSKA)
                    || head.startsWith("GIF8")
                    || head.startsWith("RIFF") && head.startsWith("AVI ", 8);
        }
    }
}
