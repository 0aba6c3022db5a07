package dev.purekv.console.store;

import dev.purekv.console.settings.PureKvSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * Encrypts what the database must not give away by itself: AES-256-GCM under a random key in a file of the state directory, made
 * when it is first needed.
 */
@Component
public final class Secrets {
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final PureKvSettings settings;
    private final SecureRandom random = new SecureRandom();
    private SecretKeySpec key;

    Secrets(PureKvSettings settings) {
        this.settings = settings;
    }

    /** @param place what the secret belongs to; it can be opened for that alone */
    public String seal(String secret, String place) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, place).doFinal(secret.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder()
                    .encodeToString(ByteBuffer.allocate(NONCE_BYTES + sealed.length)
                            .put(nonce)
                            .put(sealed)
                            .array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    /** @return empty for what was sealed under another key, for another place, or changed since */
    public Optional<String> open(String sealed, String place) {
        try {
            byte[] bytes = Base64.getDecoder().decode(sealed);
            byte[] secret =
                    cipher(Cipher.DECRYPT_MODE, bytes, place).doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
            return Optional.of(new String(secret, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String place) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key(), new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE_BYTES));
        cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private synchronized SecretKeySpec key() {
        if (key == null) {
            Path file = StateDirectory.open(settings.stateDirectory()).resolve("secrets.key");
            try {
                key = new SecretKeySpec(Files.exists(file) ? Files.readAllBytes(file) : made(file), "AES");
            } catch (IOException e) {
                throw new UncheckedIOException("the key of the console's secrets: " + file, e);
            }
        }
        return key;
    }

    private byte[] made(Path file) throws IOException {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        Path fresh = Files.createTempFile(file.getParent(), ".secrets", ".key"); // 600 by its contract
        Files.write(fresh, bytes);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return bytes;
    }
}
