package dev.purekv.console.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListedHostsTest {
    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "198.20.0.1", "2606:4700::1111"})
    void knowsPublicAddresses(String address) throws UnknownHostException {
        assertThat(ListedHosts.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "127.0.0.1",
                "127.9.9.9",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:10.0.0.1",
                "fe80::1",
                "fc00::1",
                "fd12::1",
                "ff02::1",
                "64:ff9b::a00:1",
                "2001::1",
                "2002:a00:1::1",
            })
    void knowsAddressesThatLeadElsewhere(String address) throws UnknownHostException {
        assertThat(ListedHosts.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @Test
    void takesAPrivateAddressOnlyWhereItIsListedItself() throws UnknownHostException {
        assertThatThrownBy(() -> new ListedHosts(List.of("localhost")).resolve("localhost"))
                .hasMessageContaining("private network");
        assertThat(new ListedHosts(List.of("LocalHost", "127.0.0.1")).resolve("localhost"))
                .contains(InetAddress.getByName("127.0.0.1"));
    }

    @Test
    void takesNamesBelowAListedOneAndNoOthers() {
        ListedHosts hosts = new ListedHosts(List.of("*.invalid"));
        assertThatThrownBy(() -> hosts.resolve("a.b.invalid")).hasMessageNotContaining("allowed-hosts");
        assertThatThrownBy(() -> hosts.resolve("invalid")).hasMessageContaining("is not among");
        assertThatThrownBy(() -> hosts.resolve("evil-invalid")).hasMessageContaining("is not among");
    }
}
