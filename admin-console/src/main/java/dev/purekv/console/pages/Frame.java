package dev.purekv.console.pages;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetails;

/**
 * What the frame around every page shows.
 *
 * @param name of the person; empty where nobody is logged in
 * @param ownPassword whether the console keeps this person's password
 * @param path of the page
 */
public record Frame(String name, boolean operator, boolean admin, boolean ownPassword, String path) {
    static Frame of(HttpServletRequest request, RoleHierarchy roles) {
        Authentication who = SecurityContextHolder.getContext().getAuthentication();
        if (who == null || who instanceof AnonymousAuthenticationToken || !who.isAuthenticated()) {
            return new Frame("", false, false, false, request.getRequestURI());
        }
        return new Frame(
                who.getName(),
                has(who, "ROLE_OPERATOR", roles),
                has(who, "ROLE_ADMIN", roles),
                who.getPrincipal() instanceof UserDetails,
                request.getRequestURI());
    }

    /** For a page's mark in the navigation. */
    public boolean at(String root) {
        return path.equals(root) || path.startsWith(root + "/");
    }

    private static boolean has(Authentication who, String authority, RoleHierarchy roles) {
        return roles.getReachableGrantedAuthorities(who.getAuthorities()).stream()
                .map(GrantedAuthority::getAuthority)
                .anyMatch(authority::equals);
    }
}
