package dev.purekv.console.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.transaction.CannotCreateTransactionException;

class StoreGuardTest {
    private final MockHttpServletResponse response = new MockHttpServletResponse();

    @Test
    void aStoreThatDoesNotAnswerIsNoFailureOfThePage() throws ServletException, IOException {
        visit((request, answer) -> {
            throw new ServletException(new CannotGetJdbcConnectionException("cut", new SQLException("timed out")));
        });
        assertThat(response.getStatus()).isEqualTo(503);
    }

    @Test
    void aTransactionThatCannotBeginIsTheStoresToo() throws ServletException, IOException {
        visit((request, answer) -> {
            throw new CannotCreateTransactionException("cut");
        });
        assertThat(response.getStatus()).isEqualTo(503);
    }

    @Test
    void aStoreThatCannotWriteIsNoFailureOfThePage() throws ServletException, IOException {
        visit((request, answer) -> {
            throw new UncategorizedSQLException("insert", "insert", new SQLException("no space left", "HY000", 50000));
        });
        assertThat(response.getStatus()).isEqualTo(503);
    }

    @Test
    void whatThePageDidWrongStaysItsFailure() {
        assertThatThrownBy(() -> visit((request, answer) -> {
                    throw new DuplicateKeyException("twice");
                }))
                .isInstanceOf(DuplicateKeyException.class);
        assertThatThrownBy(() -> visit((request, answer) -> {
                    throw new ServletException(new IllegalStateException("a bug"));
                }))
                .isInstanceOf(ServletException.class);
    }

    private void visit(FilterChain chain) throws ServletException, IOException {
        new StoreGuard().doFilter(new MockHttpServletRequest("GET", "/models"), response, chain);
    }
}
