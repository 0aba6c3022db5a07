package dev.purekv.console.login;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.dao.UncategorizedDataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Makes a page in words of a store that does not answer, wherever on the way of a request that turns out: when somebody logs in, when
 * a session's person is looked up, in a page itself. Models serve without the store.
 */
final class StoreGuard extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(StoreGuard.class);

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        try {
            chain.doFilter(request, response);
        } catch (ServletException | RuntimeException e) {
            if (!isOfTheStore(e) || response.isCommitted()) {
                throw e;
            }
            LOG.warn("the console's database does not answer: {}", rootMessage(e));
            response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        }
    }

    private static boolean isOfTheStore(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof DataAccessResourceFailureException
                    || each instanceof TransientDataAccessException
                    || each instanceof TransactionException
                    || each instanceof UncategorizedDataAccessException) { // such as a full disk
                return true;
            }
        }
        return false;
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
