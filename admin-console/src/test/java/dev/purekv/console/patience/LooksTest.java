package dev.purekv.console.patience;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LooksTest {
    @Test
    void aLookThatFailsEndsNeitherTheOthersNorTheNextOnes() throws Exception {
        CountDownLatch bad = new CountDownLatch(2);
        CountDownLatch good = new CountDownLatch(2);
        ScheduledExecutorService threads = Executors.newSingleThreadScheduledExecutor();
        try {
            Looks.every(50, threads, List.of(bad, good), each -> {
                each.countDown();
                if (each == bad) {
                    throw new IllegalStateException("as asked");
                }
            });
            assertThat(good.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(bad.await(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdownNow();
        }
    }
}
