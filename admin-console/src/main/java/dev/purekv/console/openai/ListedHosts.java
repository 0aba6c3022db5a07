package dev.purekv.console.openai;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves the hosts that may be fetched from, and no others. The connection goes to the very address that was judged here,
 * so a name that changes its address between two look-ups gains nothing.
 */
final class ListedHosts implements DnsResolver {
    private final List<String> listed;

    /** @param listed names, {@code *.example.com}, or addresses */
    ListedHosts(List<String> listed) {
        this.listed = listed.stream().map(ListedHosts::plain).toList();
    }

    private static String plain(String host) {
        String name = host.strip().toLowerCase(Locale.ROOT);
        return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
    }

    /** @throws UnknownHostException for a host that is not listed, or leads to no address that may be used */
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        String name = plain(host);
        if (listed.stream().noneMatch(pattern -> matches(pattern, name))) {
            throw new UnknownHostException("host '" + name + "' is not among purekv.media.allowed-hosts");
        }
        InetAddress[] usable = Arrays.stream(InetAddress.getAllByName(name))
                .filter(address -> isPublic(address) || listed.contains(address.getHostAddress()))
                .toArray(InetAddress[]::new);
        if (usable.length == 0) {
            throw new UnknownHostException("host '" + name
                    + "' leads to an address inside a private network, which purekv.media.allowed-hosts does not list");
        }
        return usable;
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }

    private static boolean matches(String pattern, String name) {
        return pattern.startsWith("*.") ? name.endsWith(pattern.substring(1)) : name.equals(pattern);
    }

    /** Whether an address is one of the open internet: IANA's registries of special addresses, and NAT64 and 6to4 for v4. */
    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet6Address) {
            // 2000::/3 is what is given out; within it 2001::/23 and 2002::/16 lead elsewhere.
            boolean tunnel = first == 0x20 && (second == 0x02 || second == 0x01 && (bytes[2] & 0xfe) == 0);
            return first >>> 5 == 1 && !tunnel;
        }
        return first != 0
                && first < 240
                && !(first == 100 && second >>> 6 == 1) // shared by carriers
                && !(first == 192 && second == 0 && bytes[2] == 0)
                && !(first == 198 && second >>> 1 == 9); // benchmarks
    }
}
