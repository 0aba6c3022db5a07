package dev.purekv.console.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.bind.annotation.RequestMapping;

/** Holds what the tests of a class asked for against what its controllers answer. */
final class EveryMapping implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    private final Set<String> ran = ConcurrentHashMap.newKeySet();

    @Override
    public void beforeAll(ExtensionContext context) {
        ReachedMappings.clear();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ran.add(context.getRequiredTestMethod().getName());
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Class<?> test = context.getRequiredTestClass();
        Set<String> tests = new TreeSet<>();
        AnnotationSupport.findAnnotatedMethods(test, Testable.class, HierarchyTraversalMode.TOP_DOWN)
                .forEach(each -> tests.add(each.getName()));
        if (!ran.containsAll(tests)) {
            return; // a single test was asked for
        }
        for (Class<?> controller : test.getAnnotation(Speaks.class).to()) {
            Set<String> mapped = new TreeSet<>();
            Arrays.stream(controller.getDeclaredMethods())
                    .filter(each -> AnnotatedElementUtils.hasAnnotation(each, RequestMapping.class))
                    .map(Method::getName)
                    .forEach(mapped::add);
            assertThat(mapped).as("mappings of " + controller.getName()).isNotEmpty();
            assertThat(ReachedMappings.of(controller))
                    .as("what %s asked of %s", test.getSimpleName(), controller.getSimpleName())
                    .containsExactlyInAnyOrderElementsOf(mapped);
        }
    }
}
