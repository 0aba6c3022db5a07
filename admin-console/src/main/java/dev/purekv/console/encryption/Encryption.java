package dev.purekv.console.encryption;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.apache.catalina.connector.Connector;
import org.apache.commons.logging.LogFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.tomcat.SslConnectorCustomizer;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.stereotype.Component;

/** Encrypts the doors that Spring Boot does not: it applies {@code server.ssl.*} to its main connector alone. */
@Component
public final class Encryption {
    private final Ssl ssl;
    private final SslBundle bundle;

    Encryption(ServerProperties properties, SslBundles bundles) {
        this.ssl = properties.getSsl();
        this.bundle = Ssl.isEnabled(ssl) ? WebServerSslBundle.get(ssl, bundles) : null;
    }

    /** Whether a certificate is set. */
    public boolean on() {
        return bundle != null;
    }

    /** Does nothing where no certificate is set. */
    public void apply(Connector connector) {
        if (bundle != null) {
            new SslConnectorCustomizer(LogFactory.getLog(Encryption.class), connector, ssl.getClientAuth())
                    .customize(bundle, Map.of());
        }
    }

    /** Does nothing where no certificate is set. */
    public void apply(NettyServerBuilder server) {
        if (bundle == null) {
            return;
        }
        try {
            server.sslContext(GrpcSslContexts.configure(
                            SslContextBuilder.forServer(bundle.getManagers().getKeyManagerFactory()))
                    .trustManager(bundle.getManagers().getTrustManagerFactory())
                    .clientAuth(clientAuth())
                    .build());
        } catch (SSLException e) {
            throw new IllegalStateException("encrypting the gRPC door: " + e.getMessage(), e);
        }
    }

    private ClientAuth clientAuth() {
        return Ssl.ClientAuth.map(ssl.getClientAuth(), ClientAuth.NONE, ClientAuth.OPTIONAL, ClientAuth.REQUIRE);
    }
}
