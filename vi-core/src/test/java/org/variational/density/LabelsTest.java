package org.variational.density;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.variational.density.ParameterLayout.Quantity;
import org.variational.density.ParameterLayout.Role;

/** Labels, the names of scalars that they make, and the way from a name back to its place. */
class LabelsTest {

    private static final Labels SCHOOLS = Labels.of("school", "Choate", "Deerfield", "Phillips Exeter");
    private static final Labels TERMS = Labels.of("term", "intercept", "slope");
    private static final Labels AWKWARD = Labels.of(
            "town", "a,b", "[c]", "say \"d\"", "7", " e", "f ", "g]", "-1", "0x1", "Saint-Étienne", "it's", "\"");

    private static QuantityIndex index() {
        return QuantityIndex.of(List.of(
                Quantity.scalar("tau", Role.INFERRED),
                new Quantity("theta", List.of(SCHOOLS), Role.INFERRED, false),
                Quantity.vector("one", 1, Role.INFERRED),
                new Quantity("effects", List.of(SCHOOLS, TERMS), Role.DERIVED, false),
                new Quantity("town", List.of(AWKWARD), Role.DERIVED, false),
                new Quantity("mixed", List.of(AWKWARD, Labels.numbered(2)), Role.DERIVED, false),
                Quantity.vector("none", 0, Role.OPTIMISED),
                Quantity.matrix("L", 2, 2, Role.INFERRED)));
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }

    @Test
    void labelsAreAskedForByPositionAndByText() {
        assertThat(SCHOOLS.name()).isEqualTo("school");
        assertThat(SCHOOLS.size()).isEqualTo(3);
        assertThat(SCHOOLS.isNumbered()).isFalse();
        assertThat(SCHOOLS.labels()).containsExactly("Choate", "Deerfield", "Phillips Exeter");
        assertThat(SCHOOLS.indexOf("Deerfield")).isEqualTo(1);
        assertThat(SCHOOLS.indices("Deerfield", "Choate", "Deerfield")).containsExactly(1, 0, 1);
        assertThat(Labels.numbered(2).labels()).containsExactly("0", "1");
        assertThat(Labels.numbered(0).labels()).isEmpty();
    }

    @Test
    void theLevelsOfAFactorAreItsDistinctTextsInOrderOfAppearance() {
        Labels levels = Labels.levels("form", "B", "A", "B", "C", "A");
        assertThat(levels).isEqualTo(Labels.of("form", "B", "A", "C"));
        assertThat(levels.indices("B", "A", "B", "C", "A")).containsExactly(0, 1, 0, 2, 1);
    }

    @Test
    void equalLabelsAreEqual() {
        assertThat(Labels.of("term", List.of("intercept", "slope")))
                .isEqualTo(TERMS)
                .hasSameHashCodeAs(TERMS);
        assertThat(Labels.of("term", "slope", "intercept")).isNotEqualTo(TERMS);
        assertThat(Labels.of("effect", "intercept", "slope")).isNotEqualTo(TERMS);
        assertThat(Labels.numbered(2)).isEqualTo(Labels.numbered(2)).isNotEqualTo(Labels.numbered(3));
        assertThat(TERMS).hasToString("term (2): intercept, slope");
        assertThat(Labels.numbered(2)).hasToString("2 numbered elements");
    }

    @Test
    void labelsThatAreRefused() {
        refused(() -> Labels.of(" ", "A"), "labels need a name");
        refused(() -> Labels.of("school"), "labels \"school\" are empty");
        refused(() -> Labels.of("school", "A", ""), "\"school\"", "position 1 is blank");
        refused(() -> Labels.of("school", "A", null), "\"school\"", "position 1 is missing");
        refused(() -> Labels.of("school", "A", "B\n"), "\"school\"", "position 1", "line break");
        refused(() -> Labels.of("school", "A", "B", "A"), "\"school\"", "\"A\" stands at positions 0 and 2");
        refused(() -> Labels.levels("school", "A", null, "A"), "\"school\" is missing at row 1");
        refused(() -> Labels.numbered(-1), "-1");
        refused(() -> SCHOOLS.indexOf("Chaote"), "\"school\" has no label \"Chaote\"", "Choate, Deerfield");
        refused(() -> SCHOOLS.indices("Choate", "Chaote"), "row 1", "no label \"Chaote\"");
        refused(() -> SCHOOLS.indices("Choate", null), "\"school\" is missing at row 1");
        refused(() -> Labels.numbered(2).indexOf("1"), "numbered", "\"1\"");
        refused(() -> new Quantity("q", List.of(TERMS, TERMS, TERMS), Role.DERIVED, false), "\"q\" has 3 labels");
    }

    @Test
    void textThatCouldBeMistakenIsQuoted() {
        assertThat(new Quantity("town", List.of(AWKWARD), Role.DERIVED, false).scalarNames())
                .containsExactly(
                        "town[\"a,b\"]",
                        "town[\"[c]\"]",
                        "town[\"say \"\"d\"\"\"]",
                        "town[\"7\"]",
                        "town[\" e\"]",
                        "town[\"f \"]",
                        "town[\"g]\"]",
                        "town[-1]",
                        "town[0x1]",
                        "town[Saint-Étienne]",
                        "town[it's]",
                        "town[\"\"\"\"]");
    }

    @Test
    void aVectorOfOneElementIsNoScalar() {
        assertThat(Quantity.scalar("b", Role.INFERRED).scalarNames()).containsExactly("b");
        assertThat(Quantity.vector("b", 1, Role.INFERRED).scalarNames()).containsExactly("b[0]");
        assertThat(Quantity.matrix("b", 1, 1, Role.INFERRED).scalarNames()).containsExactly("b[0,0]");
        assertThat(Quantity.matrix("b", 2, 1, Role.INFERRED).scalarNames()).containsExactly("b[0,0]", "b[1,0]");
    }

    @Test
    void everyScalarIsFoundByItsNameAndByPosition() {
        QuantityIndex index = index();
        List<String> names = index.scalarNames();
        assertThat(names).hasSize(index.size()).doesNotHaveDuplicates().hasSize(1 + 3 + 1 + 6 + 12 + 24 + 4);
        for (int row = 0; row < names.size(); row++) {
            assertThat(index.row(names.get(row))).as(names.get(row)).isEqualTo(row);
        }
        assertThat(index.row("theta[1]")).isEqualTo(index.row("theta[Deerfield]"));
        assertThat(index.row("effects[2,1]")).isEqualTo(index.row("effects[Phillips Exeter,slope]"));
        assertThat(index.row("effects[2,slope]")).isEqualTo(index.row("effects[\"Phillips Exeter\", 1]"));
        assertThat(index.row("town[3]")).isEqualTo(index.row("town[\"7\"]"));
        assertThat(index.row("mixed[0,1]")).isEqualTo(index.row("mixed[\"a,b\",1]"));
    }

    @Test
    void aSelectionIsInTheOrderAskedFor() {
        QuantityIndex index = index();
        assertThat(index.rows("theta", "tau")).containsExactly(1, 2, 3, 0);
        assertThat(index.rows("L[1,0]", "theta[Choate]", "one", "none")).containsExactly(49, 1, 4);
        assertThat(index.rows()).isEmpty();
    }

    @Test
    void namesThatStandForNothing() {
        QuantityIndex index = index();
        refused(() -> index.row("thet"), "no quantity \"thet\"", "tau, theta, one");
        refused(() -> index.rows("thet[0]"), "no quantity \"thet[0]\"");
        refused(() -> index.row("theta"), "\"theta\" has 3 elements", "such as \"theta[Choate]\"");
        refused(() -> index.row("one"), "\"one\" has 1 elements", "such as \"one[0]\"");
        refused(() -> index.row("none"), "\"none\" has 0 elements");
        refused(
                () -> index.row("theta[Chaote]"),
                "\"theta[Chaote]\"",
                "theta[Choate], theta[Deerfield]",
                "position from theta[0]");
        for (String name : List.of(
                "theta[3]",
                "theta[00]",
                "theta[-1]",
                "theta[99999999999]",
                "theta[]",
                "theta[",
                "theta[0",
                "theta[0]]",
                "theta[0,0]",
                "theta[\"0\"]",
                "theta[\"Choate]",
                "theta[\"",
                "effects[0]",
                "effects[0,2]",
                "effects[0,0,0]",
                "town[7",
                "town[12]",
                "L[0]",
                "none[0]")) {
            assertThatIllegalArgumentException()
                    .as(name)
                    .isThrownBy(() -> index.row(name))
                    .withMessageContaining("has no element \"" + name + "\"");
        }
        for (String name : List.of("tau[0]", "tau[", "tau[]")) {
            refused(() -> index.row(name), "\"tau\" is one number", "\"" + name + "\"");
        }
    }

    @Test
    void aLayoutOfAPlainVectorPrintsItselfInALine() {
        assertThat(ParameterLayout.unnamed(1).coordinateNames()).containsExactly("x[0]");
        assertThat(ParameterLayout.unnamed(1)).hasToString("layout of 1 coordinate: x (1)");
        assertThat(ParameterLayout.unnamed(4)).hasToString("layout of 4 coordinates: x (4)");
    }
}
