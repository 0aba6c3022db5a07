package dev.purekv.console.doors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key store with a certificate for 127.0.0.1, made by the JDK's own tool. */
final class TestCertificate {
    private static final String PASSWORD = "for-this-test";

    private TestCertificate() {}

    /** @return the store, in the folder */
    static Path write(Path folder) throws IOException, InterruptedException {
        Path store = folder.resolve("server.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin/keytool").toString();
        Process made = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=IP:127.0.0.1",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        return store;
    }

    static X509Certificate read(Path store) throws IOException, GeneralSecurityException {
        return (X509Certificate) open(store).getCertificate("server");
    }

    /** For clients that trust it and nothing else. */
    static SSLContext trusting(Path store) throws IOException, GeneralSecurityException {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(open(store));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore open(Path store) throws IOException, GeneralSecurityException {
        KeyStore opened = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            opened.load(in, PASSWORD.toCharArray());
        }
        return opened;
    }

    /** Of a server that shows it at every door, and others after them. */
    static String[] settings(Path store, String... others) {
        String[] all = new String[others.length + 2];
        System.arraycopy(others, 0, all, 2, others.length);
        all[0] = "server.ssl.key-store=" + store;
        all[1] = "server.ssl.key-store-password=" + PASSWORD;
        return all;
    }
}
