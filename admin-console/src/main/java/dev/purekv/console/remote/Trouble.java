package dev.purekv.console.remote;

import dev.purekv.server.ServerException;
import dev.purekv.server.ServerException.Status;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Says in words why a server does not answer as a Triton does, and what mends it. What others answer is never repeated. */
final class Trouble {
    private Trouble() {}

    /** @param failure of the connection or the exchange */
    static ServerException of(Throwable failure, Address address, Duration limit) {
        return new ServerException(Status.UNAVAILABLE, address.place() + ": " + words(failure, limit));
    }

    private static String words(Throwable failure, Duration limit) {
        if (has(failure, UnresolvedAddressException.class) || has(failure, UnknownHostException.class)) {
            return "no address is known for this name: is it right, and known to this machine's DNS?";
        }
        if (has(failure, HttpConnectTimeoutException.class)) {
            return "no connection in time: is the machine on, and does a firewall let this one through?";
        }
        if (has(failure, HttpTimeoutException.class) || has(failure, TimeoutException.class)) {
            return "connected, but it did not answer within " + limit.toSeconds() + " s";
        }
        if (has(failure, SSLException.class)) {
            return "the encrypted connection failed: is it an https interface, and does this Java trust its certificate"
                    + " (javax.net.ssl.trustStore)?";
        }
        if (has(failure, ConnectException.class)) {
            return "the connection was refused: nothing listens there";
        }
        return "the connection broke, or what answers does not speak HTTP as a Triton does";
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (kind.isInstance(each)) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param status of the answer, no success
     * @param told Triton's own words; empty where the answer has none
     */
    static ServerException of(int status, String told, Address address, boolean withKey) {
        String words = switch (status) {
            case 401 ->
                withKey
                        ? "it does not know the key that it was sent (401): register it with another"
                        : "it wants an API key (401): register it with one";
            case 403 ->
                withKey
                        ? "the key may not do this (403): it needs the scopes metadata and repository"
                        : "it lets nobody do this without an API key (403)";
            case 301, 302, 303, 307, 308 ->
                "it sends the caller elsewhere (" + status + "), which is not followed: register the final address";
            default -> told.isEmpty() ? "it answered " + status + ", and not as a Triton does" : told;
        };
        Status kind = status == 404 ? Status.NOT_FOUND : status >= 500 ? Status.UNAVAILABLE : Status.INVALID_ARG;
        return new ServerException(
                kind, told.isEmpty() || status < 404 && status != 400 ? address.place() + ": " + words : words);
    }

    static ServerException notTriton(Address address) {
        return new ServerException(
                Status.INVALID_ARG, address.place() + ": something answers, but it is no Triton's HTTP interface");
    }
}
