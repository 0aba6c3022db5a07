package dev.purekv.console.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The settings {@code purekv.*}, read and checked once at the start.
 *
 * @param modelRepository an existing folder, relative to the working directory or absolute
 * @param stateDirectory the console's own files; made where there is none
 * @param bindAddress the address of every door
 * @param allowAnonymous true lets doors without a login be reached from other machines by anyone
 * @param keysFile the API keys that these doors ask for; null for none
 * @param requestsPerMinute of a key that has no limit of its own; 0 for no limit
 * @param traceFile where traces go; null for none
 * @param drainSeconds how long a stop waits for answers under way; 1 to 3600
 */
@ConfigurationProperties(prefix = "purekv", ignoreUnknownFields = false)
public record PureKvSettings(
        @DefaultValue("model-repository") Path modelRepository,
        @DefaultValue("purekv-state") Path stateDirectory,
        @DefaultValue("127.0.0.1") String bindAddress,
        @DefaultValue("false") boolean allowAnonymous,
        Path keysFile,
        @DefaultValue("0") int requestsPerMinute,
        @DefaultValue Media media,
        Path traceFile,
        @DefaultValue("30") int drainSeconds,
        @DefaultValue Http http,
        @DefaultValue Grpc grpc,
        @DefaultValue Metrics metrics,
        @DefaultValue Console console,
        @DefaultValue Remote remote) {
    public PureKvSettings {
        if (!Files.isDirectory(modelRepository)) {
            throw new SettingsException(
                    "purekv.model-repository=" + modelRepository + ": expected a folder, found none at "
                            + modelRepository.toAbsolutePath(),
                    "Create it (mkdir -p " + modelRepository.toAbsolutePath()
                            + ") and put one folder per model into it, or set purekv.model-repository to the folder"
                            + " that holds them.");
        }
        requireKeys(address(bindAddress), allowAnonymous, keysFile);
        if (requestsPerMinute < 0) {
            throw new SettingsException(
                    "purekv.requests-per-minute=" + requestsPerMinute + ": allowed are 0 (no limit) and more",
                    "Set purekv.requests-per-minute within that range.");
        }
        if (drainSeconds < 1 || drainSeconds > 3600) {
            throw new SettingsException(
                    "purekv.drain-seconds=" + drainSeconds + ": allowed are 1 to 3600",
                    "Set purekv.drain-seconds within that range, below the time that whoever stops the server gives it.");
        }
        requireFile(traceFile);
        requireDistinct(http, grpc, metrics, console);
    }

    /**
     * The KServe door, which OpenAI's API shares.
     *
     * @param maxRequestBytes of one request body, and the longest string in it; 1 KB to 1 GB
     * @param maxHeaderBytes of one request's line and headers; 1 KB to 1 MB
     * @param maxConnections at one time; a further one is answered 503 and closed
     * @param maxRequests inferences under way at one time; further ones are told to come again
     * @param idleTimeout a connection that owes bytes, of a request or of its next one, and sends none for so long is closed
     * @param headTimeout a request whose line and headers are not there so long after their first byte is refused, at the metrics
     *     and console doors too
     * @param bodyTimeout a body that is not there so long after its request's head is refused, however steadily it trickles
     * @param stallTimeout an answer whose client takes nothing for this long although something waits is ended
     */
    public record Http(
            @DefaultValue("8000") int port,
            @DefaultValue("256MB") DataSize maxRequestBytes,
            @DefaultValue("16KB") DataSize maxHeaderBytes,
            @DefaultValue("2048") int maxConnections,
            @DefaultValue("1024") int maxRequests,
            @DefaultValue("60s") Duration idleTimeout,
            @DefaultValue("20s") Duration headTimeout,
            @DefaultValue("5m") Duration bodyTimeout,
            @DefaultValue("60s") Duration stallTimeout) {
        public Http {
            requirePort("purekv.http.port", port);
            requireHead("purekv.http.max-header-bytes", maxHeaderBytes);
            requireCount("purekv.http.max-connections", maxConnections);
            requireCount("purekv.http.max-requests", maxRequests);
            requireTime("purekv.http.idle-timeout", idleTimeout);
            requireTime("purekv.http.head-timeout", headTimeout);
            requireTime("purekv.http.body-timeout", bodyTimeout);
            requireTime("purekv.http.stall-timeout", stallTimeout);
            if (maxRequestBytes.toKilobytes() < 1 || maxRequestBytes.toMegabytes() > 1024) {
                throw new SettingsException(
                        "purekv.http.max-request-bytes=" + maxRequestBytes + ": allowed are 1KB to 1024MB",
                        "Set purekv.http.max-request-bytes within that range, for example 256MB.");
            }
        }
    }

    /**
     * What the OpenAI door fetches when a request names a picture or clip by its address.
     *
     * @param allowedHosts names of hosts, {@code *.example.com} for those below one, or addresses; empty fetches nothing. A
     *     name may only lead to public addresses and those that are listed themselves
     * @param maxBytes of one file
     * @param timeout of one fetch, all in all
     */
    public record Media(
            @DefaultValue List<String> allowedHosts,
            @DefaultValue("64MB") DataSize maxBytes,
            @DefaultValue("30s") Duration timeout) {
        public Media {
            allowedHosts = List.copyOf(allowedHosts);
            if (maxBytes.toBytes() < 1 || maxBytes.toMegabytes() > 1024) {
                throw new SettingsException(
                        "purekv.media.max-bytes=" + maxBytes + ": allowed are 1B to 1024MB",
                        "Set purekv.media.max-bytes within that range, for example 64MB.");
            }
            if (timeout.isNegative() || timeout.isZero() || timeout.toMinutes() > 10) {
                throw new SettingsException(
                        "purekv.media.timeout=" + timeout + ": allowed are 1ms to 10m",
                        "Set purekv.media.timeout within that range, for example 30s.");
            }
        }
    }

    /**
     * The gRPC door.
     *
     * @param maxMessageBytes of one message; 1 KB to 1 GB, and no more than an eighth of the heap
     * @param maxMetadataBytes of one call's; 1 KB to 1 MB
     * @param maxConnections at one time; a further one is told to go away (UNAVAILABLE) and closed
     * @param maxCalls with inferences, of all connections at one time; a further one is told to come again
     * @param maxCallsPerConnection at one time
     * @param maxResetsPerSecond calls that one connection may cancel in a second before it is closed
     * @param minPingInterval a connection that pings more often is closed
     * @param keepAliveTime a connection that is silent for this long is asked whether it is there; 10 s and more, as grpc-java
     *     has it
     * @param keepAliveTimeout and given up when it does not say so for this long, with all its calls
     * @param messageTimeout a call whose client begins a message and does not finish it in this time is ended
     * @param stallTimeout a call whose client reads nothing for this long although something waits is ended
     */
    public record Grpc(
            @DefaultValue("8001") int port,
            @DefaultValue("256MB") DataSize maxMessageBytes,
            @DefaultValue("16KB") DataSize maxMetadataBytes,
            @DefaultValue("1024") int maxConnections,
            @DefaultValue("1024") int maxCalls,
            @DefaultValue("1024") int maxCallsPerConnection,
            @DefaultValue("200") int maxResetsPerSecond,
            @DefaultValue("10s") Duration minPingInterval,
            @DefaultValue("60s") Duration keepAliveTime,
            @DefaultValue("20s") Duration keepAliveTimeout,
            @DefaultValue("5m") Duration messageTimeout,
            @DefaultValue("60s") Duration stallTimeout) {
        private static final Duration LEAST_KEEP_ALIVE = Duration.ofSeconds(10);

        public Grpc {
            requirePort("purekv.grpc.port", port);
            if (maxMessageBytes.toKilobytes() < 1 || maxMessageBytes.toMegabytes() > 1024) {
                throw new SettingsException(
                        "purekv.grpc.max-message-bytes=" + maxMessageBytes + ": allowed are 1KB to 1024MB",
                        "Set purekv.grpc.max-message-bytes within that range, for example 256MB.");
            }
            requireHead("purekv.grpc.max-metadata-bytes", maxMetadataBytes);
            requireCount("purekv.grpc.max-connections", maxConnections);
            requireCount("purekv.grpc.max-calls", maxCalls);
            requireCount("purekv.grpc.max-calls-per-connection", maxCallsPerConnection);
            requireCount("purekv.grpc.max-resets-per-second", maxResetsPerSecond);
            requireTime("purekv.grpc.min-ping-interval", minPingInterval);
            requireTime("purekv.grpc.keep-alive-time", keepAliveTime, LEAST_KEEP_ALIVE);
            requireTime("purekv.grpc.keep-alive-timeout", keepAliveTimeout);
            requireTime("purekv.grpc.message-timeout", messageTimeout);
            requireTime("purekv.grpc.stall-timeout", stallTimeout);
        }
    }

    /**
     * The Prometheus door.
     *
     * @param maxConnections at one time; a further one is answered 503 and closed
     * @param anonymous true asks for no key here, for collectors that cannot send one
     */
    public record Metrics(
            @DefaultValue("8002") int port,
            @DefaultValue("64") int maxConnections,
            @DefaultValue("false") boolean anonymous) {
        public Metrics {
            requirePort("purekv.metrics.port", port);
            requireCount("purekv.metrics.max-connections", maxConnections);
        }
    }

    /**
     * The console's door, which wants a login.
     *
     * @param maxConnections at one time; a further one is answered 503 and closed
     * @param oidcRolesClaim the claim of an identity provider's token that names a person's roles
     */
    public record Console(
            @DefaultValue("8080") int port,
            @DefaultValue("64") int maxConnections,
            @DefaultValue("roles") String oidcRolesClaim) {
        public Console {
            requirePort("purekv.console.port", port);
            requireCount("purekv.console.max-connections", maxConnections);
        }
    }

    /**
     * The console's eye on Tritons elsewhere.
     *
     * @param watchInterval between two looks at each
     */
    public record Remote(@DefaultValue("5s") Duration watchInterval) {
        public Remote {
            requireTime("purekv.remote.watch-interval", watchInterval);
        }
    }

    /** The address that every door binds to. */
    public InetAddress address() {
        return address(bindAddress);
    }

    private static void requireHead(String key, DataSize size) {
        if (size.toKilobytes() < 1 || size.toKilobytes() > 1024) {
            throw new SettingsException(
                    key + "=" + size + ": allowed are 1KB to 1024KB",
                    "Set " + key + " within that range, for example 16KB.");
        }
    }

    private static void requireKeys(InetAddress address, boolean allowAnonymous, Path keysFile) {
        if (!address.isLoopbackAddress() && !allowAnonymous && keysFile == null) {
            throw new SettingsException(
                    "purekv.bind-address=" + address.getHostAddress()
                            + ": other machines could reach the inference and metrics doors, which ask for no key;"
                            + " allowed without further words: a loopback address such as 127.0.0.1",
                    "Remove purekv.bind-address, or make a key (java -jar admin-console.jar keys create NAME --file"
                            + " keys.json --scopes inference,metadata) and set purekv.keys-file=keys.json, or write"
                            + " purekv.allow-anonymous=true to accept that anyone who reaches the address may use,"
                            + " load and unload models.");
        }
        if (allowAnonymous && keysFile != null) {
            throw new SettingsException(
                    "purekv.allow-anonymous=true and purekv.keys-file=" + keysFile
                            + ": the one lets in whom the other keeps out",
                    "Remove one of them.");
        }
    }

    private static void requireFile(Path traceFile) {
        if (traceFile == null) {
            return;
        }
        Path folder = traceFile.toAbsolutePath().getParent();
        if (folder == null || !Files.isWritable(folder) || !Files.isDirectory(folder) || Files.isDirectory(traceFile)) {
            throw new SettingsException(
                    "purekv.trace-file=" + traceFile + ": expected a file in a folder that is there and can be written",
                    "Create the folder, or set purekv.trace-file to a file in another.");
        }
    }

    private static InetAddress address(String name) {
        try {
            return InetAddress.getByName(name);
        } catch (UnknownHostException e) {
            throw new SettingsException(
                    "purekv.bind-address=" + name
                            + ": expected an address of this machine, such as 127.0.0.1 or 0.0.0.0",
                    "Set purekv.bind-address to an address of this machine.");
        }
    }

    private static void requirePort(String key, int port) {
        if (port < 0 || port > 65535) {
            throw new SettingsException(
                    key + "=" + port + ": allowed are 0 to 65535 (0: any free port)",
                    "Set " + key + " within that range.");
        }
    }

    private static void requireCount(String key, int count) {
        if (count < 1) {
            throw new SettingsException(
                    key + "=" + count + ": allowed are 1 and more", "Set " + key + " to 1 or more.");
        }
    }

    private static void requireTime(String key, Duration time) {
        requireTime(key, time, Duration.ofSeconds(1));
    }

    private static void requireTime(String key, Duration time, Duration least) {
        if (time.compareTo(least) < 0 || time.compareTo(Duration.ofDays(1)) > 0) {
            throw new SettingsException(
                    key + "=" + time + ": allowed are " + least.toSeconds() + "s to 1d",
                    "Set " + key + " within that range, for example 60s.");
        }
    }

    private static void requireDistinct(Http http, Grpc grpc, Metrics metrics, Console console) {
        int[] ports = {http.port(), grpc.port(), metrics.port(), console.port()};
        String[] keys = {"purekv.http.port", "purekv.grpc.port", "purekv.metrics.port", "purekv.console.port"};
        for (int i = 0; i < ports.length; i++) {
            for (int j = i + 1; j < ports.length; j++) {
                if (ports[i] != 0 && ports[i] == ports[j]) {
                    throw new SettingsException(
                            keys[j] + "=" + ports[j] + ": the same port as " + keys[i] + "; each door needs its own",
                            "Change " + keys[j] + " or " + keys[i] + ".");
                }
            }
        }
    }
}
