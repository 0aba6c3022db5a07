package dev.purekv.console.kserve;

import dev.purekv.console.settings.PureKvSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the door's parts share. */
@Configuration(proxyBeanMethods = false)
class KserveConfiguration {
    @Bean
    RequestLimits requestLimits(PureKvSettings settings) {
        return RequestLimits.of(
                settings.http().maxRequestBytes().toBytes(),
                Runtime.getRuntime().maxMemory());
    }

    @Bean
    RequestJson requestJson(RequestLimits limits) {
        return new RequestJson(limits.maxRequestBytes());
    }
}
