package dev.purekv.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteCountTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "10b, 10",
        "3KB, 3072",
        "512 MB, 536870912",
        "2GiB, 2147483648",
        "' 2gb ', 2147483648",
        "1TB, 1099511627776"
    })
    void unitsArePowersOf1024AndMayBeWrittenEitherWay(String text, long bytes) {
        assertThat(ByteCount.parse(text)).hasValue(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GB", "-1", "1.5GB", "2 G B", "1PB", "9223372036854775808", "999999999999TB"})
    void everythingElseIsNoCount(String text) {
        assertThat(ByteCount.parse(text)).isEmpty();
    }
}
