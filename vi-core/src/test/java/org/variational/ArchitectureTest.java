package org.variational;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaFieldAccess;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Holds the dependency directions and the rules that keep results reproducible. */
class ArchitectureTest {
    private static final String ROOT = "org.variational";

    /** Each layer may use the layers before it, and within a layer what {@link #PEERS} allows. */
    private static final List<List<String>> LAYERS = List.of(
            List.of("random", "kernel"),
            List.of("density"),
            List.of("structure"),
            List.of("expression", "constraint"),
            List.of("distribution"),
            List.of("model"),
            List.of("information"),
            List.of("weights"),
            List.of("family"),
            List.of("divergence"),
            List.of("estimator"),
            List.of("chain"),
            List.of("optimizer"),
            List.of("posterior"),
            List.of("diagnostic"));

    /** The rooms above all layers, each with the rooms that it may use. */
    private static final Map<String, Set<String>> ROOMS = Map.of(
            "algorithm", Set.of(),
            "algorithm.importance", Set.of(),
            "algorithm.search", Set.of("algorithm"),
            "algorithm.gradient", Set.of("algorithm", "algorithm.search"),
            "algorithm.gaussian", Set.of("algorithm", "algorithm.search"),
            "algorithm.fixeddraws", Set.of("algorithm", "algorithm.search"),
            "algorithm.nested", Set.of("algorithm"),
            "algorithm.automatic",
                    Set.of(
                            "algorithm.nested",
                            "algorithm",
                            "algorithm.importance",
                            "algorithm.search",
                            "algorithm.gradient",
                            "algorithm.gaussian",
                            "algorithm.fixeddraws"),
            "fit", Set.of("algorithm", "algorithm.search"),
            "doctor", Set.of("algorithm.search"));

    /** {@code user -> used} inside one layer. */
    private static final Set<String> PEERS = Set.of("constraint -> expression");

    /** Lane operations whose bits depend on whether the JIT has compiled the caller. */
    private static final Set<String> INEXACT = Set.of(
            "EXP", "EXPM1", "LOG", "LOG1P", "LOG10", "POW", "SIN", "COS", "TAN", "SINH", "COSH", "TANH", "ASIN", "ACOS",
            "ATAN", "ATAN2", "CBRT", "HYPOT");

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/"))
            .importPackages(ROOT);

    @TestFactory
    List<DynamicTest> packagesUseOnlyWhatComesBefore() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int layer = 0; layer < LAYERS.size(); layer++) {
            for (String user : LAYERS.get(layer)) {
                Set<String> forbidden = new TreeSet<>(ROOMS.keySet());
                for (List<String> later : LAYERS.subList(layer, LAYERS.size())) {
                    forbidden.addAll(later);
                }
                forbidden.removeIf(used -> PEERS.contains(user + " -> " + used));
                tests.add(usesNoneOf(user, forbidden));
            }
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> roomsUseOnlyTheRoomsBelow() {
        List<DynamicTest> tests = new ArrayList<>();
        ROOMS.forEach((user, allowed) -> {
            Set<String> forbidden = new TreeSet<>(ROOMS.keySet());
            forbidden.removeAll(allowed);
            tests.add(usesNoneOf(user, forbidden));
        });
        return tests;
    }

    private static DynamicTest usesNoneOf(String user, Set<String> packages) {
        List<String> forbidden = new ArrayList<>(List.of(ROOT));
        packages.stream().filter(name -> !name.equals(user)).forEach(name -> forbidden.add(ROOT + "." + name));
        return DynamicTest.dynamicTest(user, () -> noClasses()
                .that()
                .resideInAPackage(ROOT + "." + user)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(forbidden.toArray(String[]::new))
                .check(CORE));
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        List<String> known = new ArrayList<>(List.of(ROOT));
        LAYERS.forEach(layer -> layer.forEach(name -> known.add(ROOT + "." + name)));
        ROOMS.keySet().forEach(name -> known.add(ROOT + "." + name));
        classes().should().resideInAnyPackage(known.toArray(String[]::new)).check(CORE);
    }

    @Test
    void dependsOnlyOnTheStatedLibraries() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + "..",
                        "java..",
                        "jdk.incubator.vector..",
                        "org.ejml..",
                        "org.apache.commons.math3..",
                        "org.jspecify..")
                .check(CORE);
    }

    @Test
    void onlyVectorKernelsTouchTheVectorModule() {
        noClasses()
                .that()
                .haveNameNotMatching("org\\.variational\\.kernel\\.Vector.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jdk.incubator.vector..")
                .allowEmptyShould(true)
                .check(CORE);
    }

    @Test
    void coreNeitherPrintsNorDrawsFromSharedRandomNumbers() {
        noClasses()
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Random")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
                .orShould()
                .callMethod(Math.class, "random")
                .check(CORE);
    }

    @Test
    void vectorKernelsUseOnlyOperationsThatAreExactInEveryLane() {
        DescribedPredicate<JavaAccess<?>> inexact = describe(
                "an inexact lane operation or a reduction over lanes",
                access -> access.getTargetOwner().getPackageName().equals("jdk.incubator.vector")
                        && (access instanceof JavaFieldAccess
                                        && INEXACT.contains(access.getTarget().getName())
                                || access instanceof JavaMethodCall
                                        && access.getTarget().getName().startsWith("reduceLanes")));
        noClasses().should().accessTargetWhere(inexact).allowEmptyShould(true).check(CORE);
    }
}
