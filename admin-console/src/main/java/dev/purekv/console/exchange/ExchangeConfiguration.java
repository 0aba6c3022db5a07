package dev.purekv.console.exchange;

import dev.purekv.console.settings.PureKvSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the doors share. */
@Configuration(proxyBeanMethods = false)
class ExchangeConfiguration {
    @Bean
    RequestLimits requestLimits(PureKvSettings settings) {
        return RequestLimits.of(
                settings.http().maxRequestBytes().toBytes(),
                Runtime.getRuntime().maxMemory(),
                settings.http().bodyTimeout());
    }

    @Bean
    RequestJson requestJson(RequestLimits limits) {
        return new RequestJson(limits.maxRequestBytes());
    }
}
