package dev.purekv.triton;

import dev.purekv.ServingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A clip that comes as its frames, in a part of a message. */
final class FrameList {
    /** qwen-vl-utils' rate of lists that state none. */
    private static final double RATE = 2.0;

    private static final double HIGHEST_RATE = 1000;
    private static final String JPEGS = "data:video/jpeg;base64,";

    private FrameList() {}

    /**
     * @param type {@code video} or {@code video_url}
     * @return the encoded pictures; empty where the part holds no list
     * @throws ServingException INVALID_REQUEST naming the frame that is no picture
     */
    static List<byte[]> read(JsonNode part, String type, String where) {
        JsonNode value = part.path(type);
        if (value.isObject()) {
            value = value.path("url");
        }
        List<byte[]> frames = new ArrayList<>();
        if (value.isArray()) {
            for (JsonNode frame : value) {
                frames.add(frame(frame.asString(""), where + "." + type + "[" + frames.size() + "]"));
            }
            if (frames.isEmpty()) {
                throw ServingException.invalid("%s.%s is an empty list: expected at least one frame", where, type);
            }
        } else if (isJpegs(value.asString(""))) {
            for (String frame : value.asString().substring(JPEGS.length()).split(",", -1)) {
                frames.add(frame(frame, where + "." + type + ", frame " + frames.size()));
            }
        }
        return frames;
    }

    private static boolean isJpegs(String uri) {
        return uri.length() >= JPEGS.length()
                && uri.substring(0, JPEGS.length()).toLowerCase(Locale.ROOT).equals(JPEGS);
    }

    private static byte[] frame(String encoded, String where) {
        return EncodedMedia.decode(encoded.getBytes(StandardCharsets.UTF_8), where);
    }

    /** @throws ServingException INVALID_REQUEST for a rate that is none */
    static double framesPerSecond(JsonNode part, String where) {
        JsonNode rate = part.has("sample_fps") ? part.path("sample_fps") : part.path("fps");
        if (rate.isMissingNode() || rate.isNull()) {
            return RATE;
        }
        double value = rate.isNumber() ? rate.asDouble() : 0;
        if (!(value > 0 && value <= HIGHEST_RATE)) {
            throw ServingException.invalid(
                    "%s.sample_fps must be a number above 0 and at most %.0f, got %s", where, HIGHEST_RATE, rate);
        }
        return value;
    }
}
