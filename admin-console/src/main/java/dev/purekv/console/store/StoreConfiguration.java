package dev.purekv.console.store;

import com.zaxxer.hikari.HikariConfig;
import dev.purekv.console.settings.PureKvSettings;
import dev.purekv.console.settings.SettingsException;
import java.nio.file.Path;
import java.time.Clock;
import javax.sql.DataSource;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The console's database: a file of H2's in the state directory, unless {@code spring.datasource.url} names PostgreSQL. */
@Configuration(proxyBeanMethods = false)
class StoreConfiguration {
    private static final int CONNECTIONS = 4;

    @Bean(destroyMethod = "close")
    @ConditionalOnExpression("'${spring.datasource.url:}'.isEmpty()")
    DataSource fileStore(PureKvSettings settings) {
        Path folder = StateDirectory.open(settings.stateDirectory());
        HikariConfig pool = new HikariConfig();
        // Spring closes it; without the first option H2 would do so itself while a stop still writes. Without the
        // second one it would
        // keep what is committed to itself for half a second, and a kill would take it along.
        pool.setJdbcUrl("jdbc:h2:file:" + folder.resolve("console") + ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0");
        pool.setUsername("console");
        pool.setPassword("");
        pool.setMaximumPoolSize(CONNECTIONS);
        pool.setPoolName("console");
        try {
            return new FileStore(pool);
        } catch (RuntimeException e) {
            throw new SettingsException(
                    "purekv.state-directory=" + settings.stateDirectory() + ": its database cannot be opened: "
                            + rootMessage(e),
                    "Stop the other server that uses this folder, or give each its own purekv.state-directory.");
        }
    }

    @Bean
    @ConditionalOnMissingBean
    Clock clock() {
        return Clock.systemUTC();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage();
    }
}
