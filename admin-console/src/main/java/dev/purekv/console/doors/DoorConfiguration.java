package dev.purekv.console.doors;

import dev.purekv.console.encryption.Encryption;
import dev.purekv.console.settings.PureKvSettings;
import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Opens one Tomcat connector for each HTTP door. */
@Configuration(proxyBeanMethods = false)
class DoorConfiguration {
    @Bean
    Doors doors() {
        return new Doors();
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> doorConnectors(
            PureKvSettings settings, Doors doors, Encryption encryption) {
        Connector metrics = new DoorConnector(
                "purekv.metrics.port",
                settings.metrics().port(),
                settings.address(),
                settings.metrics().maxConnections(),
                settings.http().headTimeout());
        Connector console = new DoorConnector(
                "purekv.console.port",
                settings.console().port(),
                settings.address(),
                settings.console().maxConnections(),
                settings.http().headTimeout());
        return factory -> {
            factory.setProtocol(DoorProtocol.class.getName());
            factory.setPort(settings.http().port());
            factory.setAddress(settings.address());
            // Spring Boot customizes the main connector last, when its ports and address stand.
            factory.addConnectorCustomizers(connector -> {
                if (connector.getPort() == settings.http().port() && doors.port(Door.KSERVE) == -1) {
                    prepare(connector, settings.http());
                    doors.put(Door.KSERVE, connector);
                }
            });
            factory.addContextCustomizers(
                    context -> context.getParent().getPipeline().addValve(new RefusalValve()));
            encryption.apply(metrics);
            encryption.apply(console);
            factory.addAdditionalConnectors(metrics, console);
            doors.put(Door.METRICS, metrics);
            doors.put(Door.CONSOLE, console);
        };
    }

    @Bean
    FilterRegistrationBean<DoorFilter> doorFilter(Doors doors, UnderWay underWay, List<DoorHandler> handlers) {
        FilterRegistrationBean<DoorFilter> filter =
                new FilterRegistrationBean<>(new DoorFilter(doors, underWay, handlers));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        filter.setDispatcherTypes(EnumSet.of(DispatcherType.REQUEST, DispatcherType.ERROR, DispatcherType.INCLUDE));
        return filter;
    }

    /** Lets the KServe door judge odd paths itself, so that its refusals have the protocol's shape. */
    private static void prepare(Connector connector, PureKvSettings.Http limits) {
        connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
        if (connector.getProtocolHandler() instanceof DoorProtocol protocol) {
            protocol.takeAtMost(limits.maxConnections());
            protocol.headsWithin(limits.headTimeout());
            protocol.setMaxHttpRequestHeaderSize((int) limits.maxHeaderBytes().toBytes());
            protocol.setConnectionTimeout((int) limits.idleTimeout().toMillis());
            protocol.setKeepAliveTimeout((int) limits.idleTimeout().toMillis());
        }
    }
}
