package dev.purekv.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.NoNativeLeak;
import dev.purekv.ServingException.Code;
import dev.purekv.model.ModelPrompt;
import dev.purekv.model.qwen25vl.WatchedVision;
import dev.purekv.settings.ModelSettings;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What happens to others, and to a client who leaves, while a large picture is looked at; by a real vision tower. */
@ExtendWith(NoNativeLeak.class)
class EngineVisionTest {
    /** Patches on a side: a thousand tiles and more. */
    private static final int SIDE = 64;

    private final Counts counts = new Counts();

    private Engine engine(WatchedVision model) {
        return new Engine("vision", model.loaded(), ModelSettings.read(Map.of("kv_cache_bytes", "1GB")), counts);
    }

    private static GenerationRequest request(ModelPrompt prompt, int tokens) {
        return new GenerationRequest(
                (encoder, cancelled) -> prompt,
                Map.of("max_tokens", tokens, "ignore_eos", true),
                Map.of(),
                System.nanoTime(),
                0);
    }

    @Test
    void othersGetTheirTokensWhileAPictureIsLookedAt() throws Exception {
        Client other = new Client();
        AtomicInteger meanwhile = new AtomicInteger();
        WatchedVision.Watch watch = new WatchedVision.Watch() {
            @Override
            public void begins() {
                meanwhile.set(-other.pieces.get());
            }

            @Override
            public void ends() {
                meanwhile.addAndGet(other.pieces.get());
            }
        };
        try (WatchedVision model = WatchedVision.open(watch)) {
            try (Engine engine = engine(model)) {
                engine.submit(request(WatchedVision.text(4), 2000), other);
                other.begun.get();
                Client picture = Client.ask(engine, request(WatchedVision.picture(SIDE), 1));
                assertThat(picture.await().problem()).isNull();
                assertThat(other.end).as("it was under way all the time").isNotDone();
                other.gone = true;
                other.await();
            }
        }
        assertThat(meanwhile.get()).isPositive();
    }

    @Test
    void aClientMayLeaveWhileItsPictureIsLookedAt() throws Exception {
        Client client = new Client();
        AtomicInteger pauses = new AtomicInteger();
        AtomicBoolean ended = new AtomicBoolean();
        WatchedVision.Watch watch = new WatchedVision.Watch() {
            @Override
            public void begins() {}

            @Override
            public void progress() {
                if (pauses.incrementAndGet() == 200) {
                    client.gone = true;
                }
            }

            @Override
            public void ends() {
                ended.set(true);
            }
        };
        try (WatchedVision model = WatchedVision.open(watch)) {
            try (Engine engine = engine(model)) {
                engine.submit(request(WatchedVision.picture(SIDE), 1), client);
                assertThat(client.await().problem().code()).isEqualTo(Code.CANCELLED);
                assertThat(pauses).as("not one tile more").hasValue(200);
                assertThat(ended).isFalse();
                Client next = Client.ask(engine, request(WatchedVision.text(3), 2));
                assertThat(next.await().problem()).isNull();
            }
        }
        assertThat(counts.cancelled).containsExactly(Meters.Stage.PREFILL);
        assertThat(counts.usedBytes).isZero();
    }
}
