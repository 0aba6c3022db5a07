package dev.purekv.console.login;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.InternalAuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;

class LoginFailureTest {
    @Test
    void onlyAPasswordThatWasLookedAtIsCalledWrong() throws ServletException, IOException {
        assertThat(after(new BadCredentialsException("wrong")).getRedirectedUrl())
                .isEqualTo("/login?failed");
        assertThat(after(new InternalAuthenticationServiceException("the store is cut off"))
                        .getStatus())
                .isEqualTo(503);
    }

    private static MockHttpServletResponse after(AuthenticationException why) throws ServletException, IOException {
        MockHttpServletResponse response = new MockHttpServletResponse();
        new LoginFailure().onAuthenticationFailure(new MockHttpServletRequest("POST", "/login"), response, why);
        return response;
    }
}
