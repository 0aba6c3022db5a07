package dev.purekv.console.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.purekv.console.RunningConsole;
import dev.purekv.console.Visitor;
import dev.purekv.console.doors.Door;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A login through an identity provider of this test's own, which signs its tokens and tells one role by claim. */
class ProviderLoginTest {
    private static final Pattern PARAMETER = Pattern.compile("[?&](state|nonce|redirect_uri)=([^&]+)");
    private static final SignedTokens TOKENS = new SignedTokens();
    private static final Map<String, String> WANTED = new ConcurrentHashMap<>();
    private static HttpServer provider;
    private static RunningConsole console;

    @BeforeAll
    static void start() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        String issuer = "http://127.0.0.1:" + provider.getAddress().getPort();
        answer("/keys", TOKENS::publicKeys);
        answer(
                "/token",
                () -> "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\""
                        + TOKENS.idToken(issuer, WANTED.get("nonce"), WANTED.get("roles")) + "\"}");
        provider.start();
        String registration = "spring.security.oauth2.client.registration.house.";
        String endpoints = "spring.security.oauth2.client.provider.house.";
        console = RunningConsole.start(
                registration + "client-id=console",
                registration + "client-secret=secret",
                registration + "client-name=the house",
                registration + "authorization-grant-type=authorization_code",
                registration + "redirect-uri={baseUrl}/login/oauth2/code/{registrationId}",
                registration + "scope=openid",
                endpoints + "authorization-uri=" + issuer + "/authorize",
                endpoints + "token-uri=" + issuer + "/token",
                endpoints + "jwk-set-uri=" + issuer + "/keys",
                endpoints + "user-name-attribute=sub",
                "purekv.console.oidc-roles-claim=groups");
    }

    @AfterAll
    static void stop() {
        console.close();
        provider.stop(0);
    }

    @Test
    void offersTheProviderBesideThePassword() {
        assertThat(new Visitor(console).get("/login").body())
                .contains("/oauth2/authorization/house", "Log in with the house");
    }

    @Test
    void givesTheRoleThatTheClaimNames() {
        Visitor visitor = loggedIn("[\"staff\", \"purekv-operator\"]");

        assertThat(visitor.get("/models").body())
                .contains("carla", "/models/fake/load")
                .doesNotContain("href=\"/people\"");
        assertThat(visitor.get("/people").statusCode()).isEqualTo(403);
    }

    @Test
    void letsWhoHasNoRoleDoNothing() {
        Visitor visitor = loggedIn("[\"admin\", \"ROLE_ADMIN\"]");

        assertThat(visitor.get("/models").statusCode()).isEqualTo(403);
    }

    @Test
    void refusesAnAnswerThatItDidNotAskFor() {
        HttpResponse<String> response = new Visitor(console).get("/login/oauth2/code/house?code=stolen&state=made-up");

        assertThat(response.headers().firstValue("Location")).hasValue("/login?provider");
    }

    private static Visitor loggedIn(String roles) {
        Visitor visitor = new Visitor(console);
        String sent = visitor.get("/oauth2/authorization/house")
                .headers()
                .firstValue("Location")
                .orElseThrow();
        Matcher parameter = PARAMETER.matcher(sent);
        while (parameter.find()) {
            WANTED.put(parameter.group(1), URLDecoder.decode(parameter.group(2), StandardCharsets.UTF_8));
        }
        WANTED.put("roles", roles);
        assertThat(WANTED.get("redirect_uri"))
                .isEqualTo("http://127.0.0.1:" + console.port(Door.CONSOLE) + "/login/oauth2/code/house");
        HttpResponse<String> back = visitor.get("/login/oauth2/code/house?code=c&state="
                + URLEncoder.encode(WANTED.get("state"), StandardCharsets.UTF_8));
        assertThat(back.headers().firstValue("Location")).hasValue("/");
        return visitor;
    }

    private static void answer(String path, Supplier<String> json) {
        provider.createContext(path, exchange -> {
            byte[] body = json.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }
}
