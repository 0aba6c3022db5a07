package dev.purekv.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Requests that must be refused, each with what its refusal says. */
final class BadInputs {
    private static final Path HOSTILE = Path.of("integration-tests/src/test/resources/hostile");

    private BadInputs() {}

    /**
     * One request that must be refused.
     *
     * @param tensors text inputs by name
     * @param parameters request parameters by name
     * @param says what the error must name
     */
    record Case(String name, Map<String, String> tensors, Map<String, Object> parameters, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> all() throws IOException {
        return List.of(
                clip("not a video", "not-a-video.mp4", "expected mp4"),
                video("noise with an mp4's signature", noise(), "video"),
                clip("an mp4 cut in the middle", "cut-index-first.mp4", "cut"),
                clip("an mp4 cut before its index", "cut-index-last.mp4", "cut"),
                video("an empty file", new byte[0], "empty"),
                clip("three hours of 1x1 frames", "three-hours-of-frames.mp4", "expected"),
                clip("three hours in two frames of 1x1", "three-hours-in-two-frames.mp4", "expected"),
                clip("sound without pictures", "audio-only.mp4", "video"),
                new Case(
                        "a picture of 20000x20000",
                        Map.of("text_input", "What?", "image", RunningServer.base64(HOSTILE.resolve("huge.png"))),
                        Map.of(),
                        "20000"),
                new Case(
                        "a prompt that is too long",
                        Map.of("text_input", "many words ".repeat(20_000)),
                        Map.of(),
                        "32768"),
                new Case("an unknown parameter", Map.of("text_input", "hi"), Map.of("max_tokenz", 1L), "max_tokenz"),
                new Case("invalid base64", Map.of("text_input", "hi", "video", "AAAA*AAA"), Map.of(), "base64"),
                new Case("messages that are not JSON", Map.of("messages", "{"), Map.of(), "messages"),
                new Case("no question at all", Map.of("image", "AAAA"), Map.of(), "text_input"));
    }

    private static Case clip(String name, String file, String says) throws IOException {
        return video(name, Files.readAllBytes(HOSTILE.resolve(file)), says);
    }

    private static Case video(String name, byte[] file, String says) {
        return new Case(
                name,
                Map.of(
                        "text_input",
                        "What happens?",
                        "video",
                        Base64.getEncoder().encodeToString(file)),
                Map.of(),
                says);
    }

    private static byte[] noise() {
        byte[] bytes = new byte[20_000];
        new Random(5).nextBytes(bytes);
        System.arraycopy("ftypisom".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, bytes, 4, 8);
        return bytes;
    }
}
