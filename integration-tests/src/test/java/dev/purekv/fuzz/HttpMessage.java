package dev.purekv.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request in its parts. It frames its body by its length, unless a header says otherwise.
 *
 * @param headers whole lines
 */
record HttpMessage(String method, String path, List<String> headers, byte[] body) {
    static HttpMessage get(String path) {
        return new HttpMessage("GET", path, List.of(), new byte[0]);
    }

    static HttpMessage post(String path, String json) {
        return new HttpMessage("POST", path, List.of(), json.getBytes(StandardCharsets.UTF_8));
    }

    HttpMessage with(String header) {
        List<String> more = new ArrayList<>(headers);
        more.add(header);
        return new HttpMessage(method, path, more, body);
    }

    HttpMessage withPath(String other) {
        return new HttpMessage(method, other, headers, body);
    }

    HttpMessage withMethod(String other) {
        return new HttpMessage(other, path, headers, body);
    }

    HttpMessage withBody(byte[] other) {
        return new HttpMessage(method, path, headers, other);
    }

    byte[] bytes() {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        boolean framed = false;
        for (String header : headers) {
            head.append(header).append("\r\n");
            String name = header.toLowerCase(java.util.Locale.ROOT);
            framed |= name.startsWith("content-length:") || name.startsWith("transfer-encoding:");
        }
        if (!framed && (body.length > 0 || method.equals("POST"))) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        all.writeBytes(body);
        return all.toByteArray();
    }
}
