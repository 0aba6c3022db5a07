package dev.purekv.console.kserve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.purekv.console.RunningConsole;
import dev.purekv.console.doors.Door;
import dev.purekv.server.TensorData;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LargeBodyTest {
    private static final int MEGABYTES = 100;

    @Test
    void takesAVideoOfAHundredMegabytes() {
        try (RunningConsole console = RunningConsole.start()) {
            var request = console.request(Door.KSERVE, "/v2/models/fake/generate")
                    .POST(BodyPublishers.ofInputStream(LargeBodyTest::body));

            assertThat(console.send(request).statusCode()).isEqualTo(200);

            TensorData video = console.server.requests.remove().inputs().get(0);
            assertThat(video.name()).isEqualTo("video");
            assertThat(video.data()).hasSize(4 + MEGABYTES * 1024 * 1024);
            assertThat(video.data()[4 + MEGABYTES * 512 * 1024]).isEqualTo((byte) 'A');
        }
    }

    private static InputStream body() {
        byte[] megabyte = "A".repeat(1024 * 1024).getBytes(StandardCharsets.US_ASCII);
        List<InputStream> pieces = new ArrayList<>();
        pieces.add(new ByteArrayInputStream("{\"video\":\"".getBytes(StandardCharsets.US_ASCII)));
        Collections.nCopies(MEGABYTES, megabyte).forEach(piece -> pieces.add(new ByteArrayInputStream(piece)));
        pieces.add(new ByteArrayInputStream("\",\"text_input\":\"a\"}".getBytes(StandardCharsets.US_ASCII)));
        return new SequenceInputStream(Collections.enumeration(pieces));
    }
}
