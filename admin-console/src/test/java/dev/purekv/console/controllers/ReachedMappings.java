package dev.purekv.console.controllers;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.handler.MappedInterceptor;

/**
 * Which methods of controllers requests came to, past the security chain, in all consoles of this JVM: test classes run one after the
 * other, and each clears it first.
 */
public final class ReachedMappings implements HandlerInterceptor {
    private static final Map<Class<?>, Set<String>> REACHED = new ConcurrentHashMap<>();

    private ReachedMappings() {}

    /** A bean that notes every request. */
    public static MappedInterceptor interceptor() {
        return new MappedInterceptor(null, new ReachedMappings());
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method) {
            REACHED.computeIfAbsent(method.getBeanType(), unused -> ConcurrentHashMap.newKeySet())
                    .add(method.getMethod().getName());
        }
        return true;
    }

    static void clear() {
        REACHED.clear();
    }

    static Set<String> of(Class<?> controller) {
        return new TreeSet<>(REACHED.getOrDefault(controller, Set.of()));
    }
}
