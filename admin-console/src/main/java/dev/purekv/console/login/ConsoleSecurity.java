package dev.purekv.console.login;

import dev.purekv.console.audit.Audit;
import jakarta.servlet.DispatcherType;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.NullRequestCache;
import org.springframework.security.web.session.DisableEncodeUrlFilter;

/** Who may do what in the console. The other doors never reach this chain: their handlers answer before it. */
@Configuration(proxyBeanMethods = false)
class ConsoleSecurity {
    private static final String[] OPEN = {"/login", "/app.css", "/icon.svg", "/scripts/**", "/webjars/**"};
    private static final String[] OWN = {"/password", "/logout"};
    private static final String[] ENDPOINTS = {"/remote/endpoints", "/remote/endpoints/*", "/remote/endpoints/*/remove"
    };
    private static final String[] ADMINISTRATION = {"/people/**", "/keys/**", "/audit/**"};

    /** Nothing inline, nothing from elsewhere: what a name or an answer smuggles into a page stays text. */
    private static final String CONTENT =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    @Bean
    RoleHierarchy roleHierarchy() {
        return RoleHierarchyImpl.withDefaultRolePrefix()
                .role("ADMIN")
                .implies("OPERATOR")
                .role("OPERATOR")
                .implies("VIEWER")
                .build();
    }

    @Bean
    SecurityFilterChain consoleChain(
            HttpSecurity http,
            SessionGuard guard,
            Audit audit,
            ObjectProvider<ClientRegistrationRepository> identityProviders) {
        http.authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll() // refusals of what was judged before
                        .requestMatchers(OPEN)
                        .permitAll()
                        .requestMatchers(OWN)
                        .authenticated()
                        .requestMatchers(ADMINISTRATION)
                        .hasRole("ADMIN")
                        .requestMatchers(HttpMethod.POST, ENDPOINTS)
                        .hasRole("ADMIN")
                        .requestMatchers(HttpMethod.GET)
                        .hasRole("VIEWER")
                        .anyRequest()
                        .hasRole("OPERATOR"))
                .formLogin(form ->
                        form.loginPage("/login").defaultSuccessUrl("/", true).failureHandler(new LoginFailure()))
                .logout(logout -> logout.logoutSuccessUrl("/login?out").deleteCookies("PUREKV_SESSION"))
                // A login leads to the first page, never to an address that somebody else put together.
                .requestCache(cache -> cache.requestCache(new NullRequestCache()))
                .exceptionHandling(refusals -> refusals.authenticationEntryPoint(new LoginEntry())
                        .accessDeniedHandler(new RefusalRecorder(audit)))
                .addFilterBefore(new StoreGuard(), DisableEncodeUrlFilter.class) // the first of all
                .addFilterBefore(guard, AuthorizationFilter.class)
                .headers(headers -> headers.contentSecurityPolicy(policy -> policy.policyDirectives(CONTENT))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN)));
        if (identityProviders.getIfAvailable() != null) {
            http.oauth2Login(provider ->
                    provider.loginPage("/login").defaultSuccessUrl("/", true).failureUrl("/login?provider"));
        }
        return http.build();
    }
}
