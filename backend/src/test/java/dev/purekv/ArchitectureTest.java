package dev.purekv;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.purekv");

    @Test
    void onlyTheTritonPackageNamesTriton() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.purekv.triton..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco.tritonserver..")
                .check(CLASSES);
    }

    @Test
    void nothingBelowTheTritonPackageKnowsIt() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.purekv.triton..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.purekv.triton..")
                .check(CLASSES);
    }

    @Test
    void theBackendHasNoFrameworkAndNoHttp() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "jakarta.servlet..", "java.net.http..")
                .check(CLASSES);
    }

    @Test
    void modelsDoNotKnowTheEngine() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.purekv.model..", "dev.purekv.checkpoint..", "dev.purekv.text..", "dev.purekv.media..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.purekv.engine..")
                .check(CLASSES);
    }

    @Test
    void tokenizerTypesStayInTheTextPackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.purekv.text..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..", "com.hubspot..")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.purekv.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
