package dev.purekv.console.login;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;

class SessionGuardTest {
    private static final Instant START = Instant.now();

    private final MockHttpSession session = new MockHttpSession();

    @BeforeEach
    void logIn() {
        session.setMaxInactiveInterval((int) Duration.ofMinutes(30).toSeconds());
        SecurityContextHolder.getContext()
                .setAuthentication(new TestingAuthenticationToken("someone", "", "ROLE_VIEWER"));
    }

    @AfterEach
    void logOut() {
        SecurityContextHolder.clearContext();
    }

    @Test
    void keepsASessionInWhichSomebodyActs() throws ServletException, IOException {
        for (int minutes = 0; minutes <= 120; minutes += 29) {
            visit(Duration.ofMinutes(minutes), false);
        }

        assertThat(session.isInvalid()).isFalse();
    }

    @Test
    void endsASessionInWhichOnlyThePageRefreshesItself() throws ServletException, IOException {
        visit(Duration.ZERO, false);
        for (int minutes = 1; minutes <= 30; minutes++) {
            visit(Duration.ofMinutes(minutes), true);
        }
        assertThat(session.isInvalid()).isFalse();

        visit(Duration.ofMinutes(31), true);

        assertThat(session.isInvalid()).isTrue();
        assertThat(SecurityContextHolder.getContext().getAuthentication()).isNull();
    }

    @Test
    void endsASessionAfterTwelveHoursWhateverHappensInIt() throws ServletException, IOException {
        for (int minutes = 0; minutes <= 715; minutes += 25) {
            visit(Duration.ofMinutes(minutes), false);
        }
        assertThat(session.isInvalid()).isFalse();

        visit(Duration.ofMinutes(721), false);

        assertThat(session.isInvalid()).isTrue();
    }

    @Test
    void keepsAnIdleSessionWhereTheOperatorWantsNoLimit() throws ServletException, IOException {
        session.setMaxInactiveInterval(0);
        visit(Duration.ZERO, false);

        visit(Duration.ofHours(11), false);

        assertThat(session.isInvalid()).isFalse();
    }

    @Test
    void endsASessionFromTheFutureWhoseAgeNobodyKnows() throws ServletException, IOException {
        visit(Duration.ofSeconds(-30), false);
        assertThat(session.isInvalid()).isFalse();

        visit(Duration.ofHours(-2), false);

        assertThat(session.isInvalid()).isTrue();
    }

    private void visit(Duration later, boolean refresh) throws ServletException, IOException {
        MockHttpServletRequest request = new MockHttpServletRequest("GET", "/models");
        request.setSession(session);
        if (refresh) {
            request.addHeader("X-Refresh", "1");
        }
        // No person of the store is logged in here, so that nobody is looked up.
        new SessionGuard(null, Clock.fixed(START.plus(later), ZoneOffset.UTC))
                .doFilter(request, new MockHttpServletResponse(), new MockFilterChain());
    }
}
