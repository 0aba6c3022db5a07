package dev.purekv.console.server;

import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.server.InferenceServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.DefaultLifecycleProcessor;

/**
 * The first steps of a stop: the server accepts nothing new, then the doors close and wait for what runs. What still runs
 * afterwards is cancelled by those who know it, each in its own phase.
 */
@Configuration(proxyBeanMethods = false)
class DrainConfiguration {
    private static final long OTHER_PHASES_MILLIS = 2000;

    @Bean(AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME)
    DefaultLifecycleProcessor lifecycleProcessor(PureKvSettings settings) {
        DefaultLifecycleProcessor processor = new DefaultLifecycleProcessor();
        processor.setTimeoutPerShutdownPhase(OTHER_PHASES_MILLIS);
        processor.setTimeoutForShutdownPhase(
                WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE, settings.drainSeconds() * 1000L);
        return processor;
    }

    /** Before the doors close, so that a request that just came through them is refused and does not begin. */
    @Bean
    SmartLifecycle drain(InferenceServer server) {
        return new SmartLifecycle() {
            private volatile boolean running;

            @Override
            public void start() {
                running = true;
            }

            @Override
            public void stop() {
                server.drain();
                running = false;
            }

            @Override
            public boolean isRunning() {
                return running;
            }

            @Override
            public int getPhase() {
                return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 512;
            }
        };
    }
}
