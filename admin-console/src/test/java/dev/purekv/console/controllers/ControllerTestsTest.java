package dev.purekv.console.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.stereotype.Controller;

/** Every controller has a test that speaks to it over HTTP. */
class ControllerTestsTest {
    private final JavaClasses classes = new ClassFileImporter().importPackages("dev.purekv.console");

    @Test
    void everyControllerHasOne() {
        List<String> controllers = classes.stream()
                .filter(each -> each.isAnnotatedWith(Controller.class) || each.isMetaAnnotatedWith(Controller.class))
                .map(JavaClass::getName)
                .toList();
        List<String> spokenTo = new ArrayList<>();
        for (JavaClass each : classes) {
            each.tryGetAnnotationOfType(Speaks.class).ifPresent(speaks -> {
                assertThat(each.getSimpleName()).endsWith("Test");
                for (Class<?> controller : speaks.to()) {
                    assertThat(each.getPackageName()).isEqualTo(controller.getPackageName());
                    spokenTo.add(controller.getName());
                }
            });
        }

        assertThat(controllers).hasSizeGreaterThan(10);
        assertThat(spokenTo).containsExactlyInAnyOrderElementsOf(controllers);
    }
}
