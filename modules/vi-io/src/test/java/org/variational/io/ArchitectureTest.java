package org.variational.io;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Files are for every user of the core, who need not carry anything else. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.variational.io");

    @Test
    void noModelsNoExamplesNoCommandLine() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.variational.models..",
                        "org.variational.examples..",
                        "org.variational.cli..",
                        "org.variational.lab..",
                        "picocli..")
                .check(CLASSES);
    }
}
