package dev.purekv.console.openai;

import dev.purekv.console.exchange.HeldBytes;
import dev.purekv.console.exchange.Refusal;
import dev.purekv.console.settings.PureKvSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Fetches media that requests name by address, from hosts that the operator lists. Redirects are followed like requests of
 * their own, so none leaves the list; no proxy is used, no cookie kept, no content coding undone.
 */
@Component
final class MediaFetch implements DisposableBean {
    private static final int THREADS = 4;
    private static final int WAITING = 32;
    private static final int REDIRECTS = 3;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final PureKvSettings.Media settings;
    private final CloseableHttpClient client;
    private final ThreadPoolExecutor threads;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(work -> thread(work, "media-clock"));

    MediaFetch(PureKvSettings settings) {
        this.settings = settings.media();
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                work -> thread(work, "media-fetch"));
        threads.allowCoreThreadTimeOut(true);
        client = client(this.settings);
    }

    private static CloseableHttpClient client(PureKvSettings.Media settings) {
        Timeout timeout = Timeout.of(settings.timeout());
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new ListedHosts(settings.allowedHosts()))
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(timeout)
                                .setSocketTimeout(timeout)
                                .build())
                        .setMaxConnTotal(THREADS)
                        .setMaxConnPerRoute(THREADS)
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setMaxRedirects(REDIRECTS).build())
                .setUserAgent("purekv")
                .disableCookieManagement()
                .disableAutomaticRetries()
                .disableContentCompression()
                .build();
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** @throws Refusal 503 where too many fetches wait already */
    void execute(Runnable work) {
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            throw new Refusal(503, (THREADS + WAITING) + " requests fetch media already; try again later");
        }
    }

    /**
     * @param where the field that holds the address, for messages
     * @param held takes the room that the file needs
     * @return the file as the model takes it
     * @throws ApiError 400 naming the field, where the file cannot be had
     */
    String dataUri(String address, String where, HeldBytes held) {
        HttpGet get = new HttpGet(checked(address, where));
        ScheduledFuture<?> alarm =
                clock.schedule(get::cancel, settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
        try {
            byte[] file = client.execute(get, response -> body(response, held));
            return "data:application/octet-stream;base64," + Base64.getEncoder().encodeToString(file);
        } catch (IOException e) {
            String reason = get.isCancelled() ? "it took longer than " + settings.timeout() : e.getMessage();
            throw ApiError.invalid(where, "fetching " + where + ": " + reason);
        } finally {
            alarm.cancel(false);
        }
    }

    private URI checked(String address, String where) {
        if (settings.allowedHosts().isEmpty()) {
            throw ApiError.invalid(
                    where,
                    where + " is an address, which this server does not fetch: send the file as a data URI, or let the"
                            + " operator list its host in purekv.media.allowed-hosts");
        }
        try {
            URI uri = new URI(address);
            if (uri.getHost() != null && uri.getUserInfo() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw ApiError.invalid(where, where + " must read http(s)://host/path, without a user's name");
    }

    private byte[] body(ClassicHttpResponse response, HeldBytes held) throws IOException {
        if (response.getCode() != 200 || response.getEntity() == null) {
            throw new IOException("its server answered " + response.getCode());
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (InputStream in = response.getEntity().getContent()) {
            byte[] chunk = in.readNBytes(CHUNK_BYTES);
            while (chunk.length > 0) {
                if (file.size() + chunk.length > settings.maxBytes().toBytes()) {
                    throw new IOException("it is larger than the allowed " + settings.maxBytes());
                }
                held.add(2L * chunk.length); // the file, and its text
                file.writeBytes(chunk);
                chunk = in.readNBytes(CHUNK_BYTES);
            }
        }
        return file.toByteArray();
    }

    @Override
    public void destroy() throws IOException {
        threads.shutdownNow();
        clock.shutdownNow();
        client.close();
    }
}
