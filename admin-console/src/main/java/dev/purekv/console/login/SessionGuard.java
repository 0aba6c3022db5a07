package dev.purekv.console.login;

import dev.purekv.console.people.People;
import dev.purekv.console.people.Person;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Ends a session when its person was changed in the meantime, when nobody acted for too long, or when it is old; and lets a
 * person whose password someone else knows do nothing but change it.
 */
final class SessionGuard extends OncePerRequestFilter {
    private static final Duration LONGEST = Duration.ofHours(12);
    /** A session that was made later than now by more than this is from before the clock went back. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private static final String ACTED = "purekv.acted";
    private static final Set<String> WITH_GIVEN_PASSWORD = Set.of("/password", "/logout", "/login");

    private final People people;
    private final Clock clock;

    SessionGuard(People people, Clock clock) {
        this.people = people;
        this.clock = clock;
    }

    /** Spring Boot would put each filter that is a bean before all servlets as well. */
    @Configuration(proxyBeanMethods = false)
    static class Wiring {
        @Bean
        SessionGuard sessionGuard(People people, Clock clock) {
            return new SessionGuard(people, clock);
        }

        @Bean
        FilterRegistrationBean<SessionGuard> onlyWithinSecurity(SessionGuard guard) {
            FilterRegistrationBean<SessionGuard> registration = new FilterRegistrationBean<>(guard);
            registration.setEnabled(false);
            return registration;
        }
    }

    /** What every page is made with is nobody's own, and comes too while the store, which knows people, does not answer. */
    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        String path = request.getRequestURI();
        return path.equals("/app.css")
                || path.equals("/icon.svg")
                || path.startsWith("/scripts/")
                || path.startsWith("/webjars/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        HttpSession session = request.getSession(false);
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (session != null && who != null && who.isAuthenticated()) {
            if (over(session, request) || changed(who)) {
                session.invalidate();
                SecurityContextHolder.clearContext();
            } else if (who.getPrincipal() instanceof Person person
                    && person.mustChange()
                    && !WITH_GIVEN_PASSWORD.contains(request.getRequestURI())) {
                response.sendRedirect("/password");
                return;
            }
        }
        chain.doFilter(request, response);
    }

    /** What refreshes itself says so by a header, and is no act of a person. */
    private boolean over(HttpSession session, HttpServletRequest request) {
        Instant now = clock.instant();
        Instant acted = (Instant) session.getAttribute(ACTED);
        int patience = session.getMaxInactiveInterval(); // seconds; 0 and less stand for no limit
        boolean idle =
                patience > 0 && acted != null && acted.plusSeconds(patience).isBefore(now);
        Instant made = Instant.ofEpochMilli(session.getCreationTime());
        boolean old = made.plus(LONGEST).isBefore(now) || made.minus(TOLERANCE).isAfter(now);
        if (acted == null || request.getHeader("X-Refresh") == null) {
            session.setAttribute(ACTED, now);
        }
        return idle || old;
    }

    private boolean changed(Authentication who) {
        return who.getPrincipal() instanceof Person known
                && people.find(known.name())
                        .filter(now -> now.enabled() && now.stamp().equals(known.stamp()))
                        .isEmpty();
    }
}
