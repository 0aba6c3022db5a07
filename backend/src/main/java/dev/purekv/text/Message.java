package dev.purekv.text;

import java.util.List;

/**
 * One turn of a conversation.
 *
 * @param role as the chat template knows it: system, user, assistant
 */
public record Message(String role, List<Part> content) {
    public Message {
        content = List.copyOf(content);
    }

    /** A piece of a turn's content, in the order in which the model reads it. */
    public sealed interface Part permits Text, Image, Video, Frames {}

    /** Words. */
    public record Text(String text) implements Part {}

    /** @param bytes an encoded picture: png, jpeg, webp or gif */
    public record Image(byte[] bytes) implements Part {}

    /** @param bytes an encoded clip: mp4, webm or an animated gif */
    public record Video(byte[] bytes) implements Part {}

    /**
     * A clip as its frames, all of which the model sees.
     *
     * @param pictures encoded, in order, of one size
     * @param framesPerSecond how many of them make a second
     */
    public record Frames(List<byte[]> pictures, double framesPerSecond) implements Part {
        public Frames {
            pictures = List.copyOf(pictures);
        }
    }
}
