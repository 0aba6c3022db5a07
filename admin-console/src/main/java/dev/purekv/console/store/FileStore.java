package dev.purekv.console.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.Statement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Connections to a file of H2's, which is opened again where H2 closed it. It does so for good when it cannot write, on a full disk for one, and the
 * connections of a pool do not tell: they call themselves valid, and new ones come to the same closed file as long as others are open.
 */
final class FileStore extends AbstractDataSource implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FileStore.class);
    /** Touches the file, or what is in memory of it; before the first migration the table is not there, and that is an answer too. */
    private static final String TOUCH = "select name from person limit 1";

    private static final int DATABASE_IS_CLOSED = 90098; // of H2's error codes

    private final HikariConfig config;
    private volatile HikariDataSource pool;

    /** @throws RuntimeException where it cannot be opened */
    FileStore(HikariConfig config) {
        this.config = config;
        this.pool = new HikariDataSource(config);
    }

    @Override
    public Connection getConnection() throws SQLException {
        HikariDataSource present = pool;
        if (!present.isClosed()) {
            Connection connection = present.getConnection();
            if (isOpen(connection)) {
                return connection;
            }
            connection.close();
        }
        return openedAgain(present).getConnection();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return pool.getConnection(user, password);
    }

    private static boolean isOpen(Connection connection) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TOUCH);
            return true;
        } catch (SQLException e) {
            return e.getErrorCode() != DATABASE_IS_CLOSED;
        }
    }

    private synchronized HikariDataSource openedAgain(HikariDataSource closed) throws SQLException {
        if (pool == closed) {
            LOG.warn("the console's database was closed, as on a full disk, and is opened again");
            closed.close(); // every connection, for the last one lets go of the file
            try {
                pool = new HikariDataSource(config);
            } catch (RuntimeException e) {
                throw new SQLNonTransientConnectionException("the console's database cannot be opened again", e);
            }
        }
        return pool;
    }

    @Override
    public void close() {
        pool.close();
    }
}
