package dev.purekv.console.people;

import java.io.Serializable;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.userdetails.UserDetails;

/**
 * Somebody with a password.
 *
 * @param mustChange the password was given by someone else, and is good for nothing but choosing another
 * @param lockedUntil null where too many failures never happened
 * @param stamp another one after each change that ends this person's sessions
 */
public record Person(
        String name,
        String passwordHash,
        Role role,
        boolean mustChange,
        boolean enabled,
        Instant lockedUntil,
        String stamp,
        Instant createdAt,
        boolean locked)
        implements UserDetails, Serializable {
    @Override
    public String getUsername() {
        return name;
    }

    @Override
    public String getPassword() {
        return passwordHash;
    }

    @Override
    public Collection<? extends GrantedAuthority> getAuthorities() {
        return List.of(new SimpleGrantedAuthority(role.authority()));
    }

    @Override
    public boolean isAccountNonLocked() {
        return !locked;
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    /** A session keeps the person: without the hash. */
    Person withoutHash() {
        return new Person(name, "", role, mustChange, enabled, lockedUntil, stamp, createdAt, locked);
    }

    @Override
    public String toString() {
        return name;
    }
}
