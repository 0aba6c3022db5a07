package dev.purekv.console;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.purekv.console");

    @Test
    void namesNothingNative() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(classes);
    }

    @Test
    void hasNoCyclesAmongPackages() {
        slices().matching("dev.purekv.console.(*)..").should().beFreeOfCycles().check(classes);
    }

    @Test
    void makesTheServerInOnePlace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.purekv.console.server")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.purekv.triton..")
                .check(classes);
    }
}
