package dev.purekv.console.remote;

import dev.purekv.ServingException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * Where a Triton's HTTP interface is, as an administrator gave it.
 *
 * @param text {@code http(s)://host:port/prefix} without a slash at its end, or {@link #HERE}
 */
record Address(String text) {
    /** The server of this console itself. */
    static final String HERE = "here";

    private static final int LONGEST = 500;

    /** @throws ServingException INVALID_REQUEST saying what would be right */
    static Address parse(String given) {
        String text = given.strip();
        if (text.equals(HERE)) {
            return new Address(HERE);
        }
        if (text.length() > LONGEST) {
            throw refused("it is longer than " + LONGEST + " characters");
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw refused("it is no address: " + e.getReason());
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        if (!scheme.equalsIgnoreCase("http") && !scheme.equalsIgnoreCase("https")) {
            throw refused("it begins with neither http:// nor https://");
        }
        if (uri.getHost() == null) {
            throw refused("it names no host");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65535) {
            throw refused("its port is none");
        }
        if (uri.getUserInfo() != null) {
            throw refused("it holds a user's name; a key has a field of its own");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw refused("it has a query or a fragment");
        }
        return new Address(text.replaceAll("/+$", ""));
    }

    private static ServingException refused(String why) {
        return ServingException.invalid(
                "address: expected http(s)://host:port of a Triton's HTTP interface, or '%s' for this server; %s",
                HERE, why);
    }

    boolean isHere() {
        return text.equals(HERE);
    }

    /** Whether both lead to one server, by the same protocol; below different prefixes perhaps. */
    boolean isServerOf(Address other) {
        return text.equals(other.text) || !isHere() && !other.isHere() && origin().equals(other.origin());
    }

    private String origin() {
        URI uri = URI.create(text);
        return (uri.getScheme() + "://" + uri.getRawAuthority()).toLowerCase(Locale.ROOT);
    }

    /** @return host and port, for messages */
    String place() {
        return URI.create(text).getRawAuthority();
    }
}
