package dev.purekv.it;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.testcontainers.DockerClientFactory;

/** Tests of the image: not run, and said so with their number, where no Docker engine answers. */
final class NeedsDocker implements ExecutionCondition, BeforeAllCallback {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()
                || DockerClientFactory.instance().isDockerAvailable()) {
            return ConditionEvaluationResult.enabled("a Docker engine answers");
        }
        Class<?> type = context.getRequiredTestClass();
        int tests = AnnotationSupport.findAnnotatedMethods(type, Test.class, HierarchyTraversalMode.TOP_DOWN)
                .size();
        String reason = tests + " container tests of " + type.getSimpleName() + ": no Docker engine answers";
        System.out.println("NOT RUN: " + reason);
        return ConditionEvaluationResult.disabled(reason);
    }

    /** The image is built once for all tests, from the jar under test, and goes away after them. */
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(TestImage.class, key -> TestImage.build(), TestImage.class);
    }
}
