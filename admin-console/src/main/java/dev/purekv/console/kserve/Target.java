package dev.purekv.console.kserve;

import dev.purekv.console.exchange.Refusal;
import dev.purekv.server.ModelNames;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a path names. Paths are matched as they came, undecoded, as Triton does, so an encoded slash never makes a
 * segment.
 *
 * @param model decoded, empty where the path names none
 * @param version digits, or empty
 * @param region of shared memory, decoded, empty where the path names none
 */
record Target(Operation operation, String model, String version, String region) {
    private static final Pattern MODEL = Pattern.compile(
            "/v2/models/([^/]+)(?:/versions/([0-9]+))?(?:/(infer|generate|generate_stream|ready|config|stats|trace/setting))?");
    private static final Pattern CONTROL =
            Pattern.compile("/v2/repository(?:/([^/]+))?/(?:(index)|models/([^/]+)/(load|unload))");
    private static final Pattern SHARED =
            Pattern.compile("/v2/(system|cuda)sharedmemory(?:/region/([^/]+))?/(status|register|unregister)");

    Target(Operation operation, String model, String version) {
        this(operation, model, version, "");
    }

    /** @throws Refusal 404 for a path that names nothing, 400 for a model name that no repository can hold */
    static Target of(String path, String method) {
        switch (path) {
            case "/v2":
                return new Target(Operation.SERVER_METADATA, "", "");
            case "/v2/health/live":
                return new Target(Operation.LIVE, "", "");
            case "/v2/health/ready":
                return new Target(Operation.READY, "", "");
            case "/v2/models/stats":
                return new Target(Operation.STATISTICS, "", "");
            case "/v2/logging":
                return new Target(method.equals("POST") ? Operation.CHANGE_LOG : Operation.LOG, "", "");
            case "/v2/trace/setting":
                return new Target(trace(method), "", "");
            default:
                return ofModel(path, method);
        }
    }

    private static Operation trace(String method) {
        return method.equals("POST") ? Operation.CHANGE_TRACE : Operation.TRACE;
    }

    private static Target ofModel(String path, String method) {
        Matcher model = MODEL.matcher(path);
        if (model.matches()) {
            String version = model.group(2) == null ? "" : version(model.group(2));
            return new Target(operation(model.group(3), method), name(model.group(1)), version);
        }
        Matcher control = CONTROL.matcher(path);
        if (!control.matches()) {
            return ofShared(path);
        }
        if (control.group(1) != null) {
            throw new Refusal(501, "'repository_name' specification is not supported");
        }
        if (control.group(2) != null) {
            return new Target(Operation.INDEX, "", "");
        }
        Operation operation = control.group(4).equals("load") ? Operation.LOAD : Operation.UNLOAD;
        return new Target(operation, name(control.group(3)), "");
    }

    private static Target ofShared(String path) {
        Matcher shared = SHARED.matcher(path);
        if (!shared.matches()) {
            throw Refusal.notFound();
        }
        boolean cuda = shared.group(1).equals("cuda");
        Operation operation = switch (shared.group(3)) {
            case "status" -> cuda ? Operation.CUDA_STATUS : Operation.SHARED_STATUS;
            case "register" -> cuda ? Operation.CUDA_REGISTER : Operation.SHARED_REGISTER;
            default -> cuda ? Operation.CUDA_UNREGISTER : Operation.SHARED_UNREGISTER;
        };
        return new Target(operation, "", "", shared.group(2) == null ? "" : decode(shared.group(2), "region"));
    }

    private static Operation operation(String kind, String method) {
        if (kind == null) {
            return Operation.MODEL_METADATA;
        }
        return switch (kind) {
            case "infer" -> Operation.INFER;
            case "generate" -> Operation.GENERATE;
            case "generate_stream" -> Operation.GENERATE_STREAM;
            case "ready" -> Operation.MODEL_READY;
            case "config" -> Operation.MODEL_CONFIG;
            case "trace/setting" -> trace(method);
            default -> Operation.STATISTICS;
        };
    }

    private static String version(String digits) {
        try {
            return Long.toString(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw Refusal.invalid("failed to get model version from specified version string '" + digits
                    + "': expected a whole number below 2^63");
        }
    }

    private static String name(String encoded) {
        String name = decode(encoded, "model");
        ModelNames.requireFolder(name);
        return name;
    }

    private static String decode(String encoded, String what) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length() * 3);
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.put(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            int high = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = i + 2 < encoded.length() ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw Refusal.invalid("invalid " + what + " name: '%' must be followed by two hexadecimal digits");
            }
            bytes.put((byte) (high * 16 + low));
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException e) {
            throw Refusal.invalid("invalid " + what + " name: expected percent-encoded UTF-8");
        }
    }
}
