package dev.purekv.console.login;

import dev.purekv.console.people.Role;
import dev.purekv.console.settings.PureKvSettings;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.authority.mapping.GrantedAuthoritiesMapper;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;
import org.springframework.stereotype.Component;

/**
 * Reads roles from a claim of an identity provider's token: a text or list that holds {@code purekv-viewer},
 * {@code purekv-operator} or {@code purekv-admin}. Whoever has none of them may do nothing.
 */
@Component
final class ProviderRoles implements GrantedAuthoritiesMapper {
    private static final String PREFIX = "purekv-";

    private final String claim;

    ProviderRoles(PureKvSettings settings) {
        this.claim = settings.console().oidcRolesClaim();
    }

    @Override
    public Collection<? extends GrantedAuthority> mapAuthorities(Collection<? extends GrantedAuthority> given) {
        Set<GrantedAuthority> roles = new HashSet<>();
        for (GrantedAuthority each : given) {
            if (each instanceof OidcUserAuthority oidc) {
                Object value = oidc.getIdToken().getClaims().get(claim);
                List<?> words =
                        value instanceof Collection<?> several ? List.copyOf(several) : List.of(String.valueOf(value));
                for (Role role : Role.values()) {
                    if (words.contains(PREFIX + role.word())) {
                        roles.add(new SimpleGrantedAuthority(role.authority()));
                    }
                }
            }
        }
        return roles;
    }
}
