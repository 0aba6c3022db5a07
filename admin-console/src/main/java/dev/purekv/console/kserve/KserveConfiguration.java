package dev.purekv.console.kserve;

import dev.purekv.console.settings.PureKvSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the door's parts share. */
@Configuration(proxyBeanMethods = false)
class KserveConfiguration {
    @Bean
    RequestLimits requestLimits(PureKvSettings settings) {
        long largest = settings.http().maxRequestBytes().toBytes();
        // Reading a body takes up to four times its size: the body, its text and its tensor.
        long together = Runtime.getRuntime().maxMemory() / 8;
        return new RequestLimits(largest, new BodyBudget(Math.max(largest, together)));
    }

    @Bean
    RequestJson requestJson(RequestLimits limits) {
        return new RequestJson(limits.maxRequestBytes());
    }
}
