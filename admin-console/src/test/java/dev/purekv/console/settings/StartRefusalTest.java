package dev.purekv.console.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.purekv.console.RunningConsole;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StartRefusalTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "purekv.http.port=65536             | purekv.http.port=65536: allowed are 0 to 65535",
                "purekv.console.port=-1             | purekv.console.port=-1: allowed are 0 to 65535",
                "purekv.grpc.port=abc               | purekv.grpc.port=abc: expected a whole number",
                "purekv.allow-anonymous=perhaps     | purekv.allow-anonymous=perhaps: expected true or false",
                "purekv.drain-seconds=0             | purekv.drain-seconds=0: allowed are 1 to 3600",
                "purekv.grpc.max-message-bytes=2GB      | purekv.grpc.max-message-bytes=2147483648B: allowed are 1KB to 1024MB",
                "purekv.grpc.max-metadata-bytes=1B      | purekv.grpc.max-metadata-bytes=1B: allowed are 1KB to 1024KB",
                "purekv.grpc.max-calls-per-connection=0 | purekv.grpc.max-calls-per-connection=0: allowed are 1 and more",
                "purekv.grpc.stall-timeout=0s           | purekv.grpc.stall-timeout=PT0S: allowed are 1s to 1d",
                "purekv.grpc.max-connections=0          | purekv.grpc.max-connections=0: allowed are 1 and more",
                "purekv.grpc.max-calls=0                | purekv.grpc.max-calls=0: allowed are 1 and more",
                "purekv.http.max-connections=0      | purekv.http.max-connections=0: allowed are 1 and more",
                "purekv.http.max-requests=0         | purekv.http.max-requests=0: allowed are 1 and more",
                "purekv.http.max-header-bytes=2MB   | purekv.http.max-header-bytes=2097152B: allowed are 1KB to 1024KB",
                "purekv.http.idle-timeout=0s        | purekv.http.idle-timeout=PT0S: allowed are 1s to 1d",
                "purekv.http.stall-timeout=2d       | purekv.http.stall-timeout=PT48H: allowed are 1s to 1d",
                "purekv.metrics.max-connections=0   | purekv.metrics.max-connections=0: allowed are 1 and more",
                "purekv.console.max-connections=0   | purekv.console.max-connections=0: allowed are 1 and more",
                "purekv.http.max-request-bytes=1B   | purekv.http.max-request-bytes=1B: allowed are 1KB to 1024MB",
                "purekv.http.max-request-bytes=huge | purekv.http.max-request-bytes=huge: expected a size such as 256MB",
                "purekv.bind-address=not a host     | purekv.bind-address=not a host: expected an address",
                "purekv.bind-address=0.0.0.0        | write purekv.allow-anonymous=true",
                "purekv.model-repository=/no/such   | mkdir -p /no/such",
                "purekv.trace-file=/no/such/x       | purekv.trace-file=/no/such/x: expected a file in a folder",
                "purekv.http.prot=1                 | purekv.http.prot=1: no such setting",
            })
    void saysWhatIsWrongAndHowToMendIt(String setting, String message, CapturedOutput output) {
        assertRefused(output, message, setting);
    }

    @Test
    void namesEverySettingWhenOneIsUnknown(CapturedOutput output) {
        List<String> names = names("purekv", PureKvSettings.class).toList();
        assertThat(names).contains("purekv.grpc.max-metadata-bytes", "purekv.drain-seconds");
        assertRefused(output, "no such setting", "purekv.http.prot=1");
        assertThat(output.getAll().split("[^a-z.-]+")).containsAll(names);
    }

    private static Stream<String> names(String prefix, Class<?> settings) {
        return Stream.of(settings.getRecordComponents()).flatMap(each -> {
            String name =
                    prefix + "." + each.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            return each.getType().isRecord() ? names(name, each.getType()) : Stream.of(name);
        });
    }

    @Test
    void wantsAPortOfItsOwnForEachDoor(CapturedOutput output) {
        assertRefused(
                output,
                "purekv.metrics.port=45911: the same port as purekv.http.port",
                "purekv.http.port=45911",
                "purekv.metrics.port=45911");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "grpc", "metrics", "console"})
    void saysWhichSettingNamesATakenPort(String door, CapturedOutput output) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String key = "purekv." + door + ".port";
            assertRefused(
                    output,
                    key + "=" + taken.getLocalPort() + ": the port cannot be opened",
                    key + "=" + taken.getLocalPort());
        }
    }

    @Test
    void opensToOtherMachinesWhenTheOperatorSaysSo() {
        try (RunningConsole console =
                RunningConsole.start("purekv.bind-address=0.0.0.0", "purekv.allow-anonymous=true")) {
            assertThat(console.grpcPort()).isPositive();
        }
    }

    private static void assertRefused(CapturedOutput output, String message, String... settings) {
        Throwable failure = catchThrowable(() -> RunningConsole.start(settings).close());

        assertThat(failure).as("start with " + List.of(settings)).isNotNull();
        assertThat(output.getAll()).contains("Description:").contains("Action:").contains(message);
        assertThat(output.getAll()).doesNotContain("\tat ");
    }
}
