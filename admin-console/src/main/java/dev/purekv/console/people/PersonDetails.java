package dev.purekv.console.people;

import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.stereotype.Component;

/** Looks people up for a login. */
@Component
final class PersonDetails implements UserDetailsService {
    private final People people;

    PersonDetails(People people) {
        this.people = people;
    }

    @Override
    public UserDetails loadUserByUsername(String name) {
        return people.find(name).orElseThrow(() -> new UsernameNotFoundException("nobody of this name"));
    }
}
