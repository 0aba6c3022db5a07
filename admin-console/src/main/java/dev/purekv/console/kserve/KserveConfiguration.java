package dev.purekv.console.kserve;

import dev.purekv.console.settings.PureKvSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the door's parts share. */
@Configuration(proxyBeanMethods = false)
class KserveConfiguration {
    @Bean
    RequestLimits requestLimits(PureKvSettings settings) {
        return new RequestLimits(settings.http().maxRequestBytes().toBytes());
    }

    @Bean
    RequestJson requestJson(RequestLimits limits) {
        return new RequestJson(limits.maxRequestBytes());
    }
}
