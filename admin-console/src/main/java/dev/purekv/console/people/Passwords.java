package dev.purekv.console.people;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** What a password must be, and how it is kept. */
@Configuration(proxyBeanMethods = false)
class Passwords {
    static final int SHORTEST = 12;

    /** bcrypt looks at no more. */
    private static final int LONGEST_BYTES = 72;

    private static final int RANDOM_BYTES = 18;

    @Bean
    PasswordEncoder passwordEncoder() {
        return new BCryptPasswordEncoder();
    }

    /** @return what is wrong with it, in words; null for a good one */
    static String problem(String name, String password) {
        if (password.length() < SHORTEST) {
            return "The new password needs at least " + SHORTEST + " characters.";
        }
        if (password.getBytes(StandardCharsets.UTF_8).length > LONGEST_BYTES) {
            return "The new password may have at most " + LONGEST_BYTES + " bytes.";
        }
        String small = password.toLowerCase(Locale.ROOT);
        if (small.contains(name.toLowerCase(Locale.ROOT))
                || small.chars().distinct().count() < 5) {
            return "The new password must not hold your name, and needs at least five different characters.";
        }
        return null;
    }

    /** @return 24 characters of a URL's alphabet */
    static String random() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }
}
