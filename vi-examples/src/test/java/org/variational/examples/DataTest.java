package org.variational.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The data sets against figures that were published with them; {@code DATA.md} says where. */
class DataTest {

    @Test
    void stoppingDistances() {
        Table cars = Table.read("cars.csv");
        double[] speed = cars.numbers("speed");
        double[] distance = cars.numbers("distance");
        double mean = mean(speed);
        double cross = 0;
        double square = 0;
        for (int i = 0; i < cars.rows(); i++) {
            cross += (speed[i] - mean) * distance[i];
            square += (speed[i] - mean) * (speed[i] - mean);
        }
        double slope = cross / square;

        assertThat(cars.rows()).isEqualTo(50);
        assertThat(slope).isCloseTo(3.9324, within(5e-5));
        assertThat(mean(distance) - slope * mean).isCloseTo(-17.5791, within(5e-5));
    }

    /** The maximum-likelihood fit of Dalal, Fowlkes and Hoadley, by Newton's method. */
    @Test
    void shuttleFlights() {
        Table flights = Table.read("orings.csv");
        double[] warmth = flights.numbers("fahrenheit");
        double[] incident = flights.numbers("incident");
        double a = 0;
        double b = 0;
        for (int step = 0; step < 30; step++) {
            double ga = 0;
            double gb = 0;
            double haa = 0;
            double hab = 0;
            double hbb = 0;
            for (int i = 0; i < warmth.length; i++) {
                double x = warmth[i] - 70;
                double p = 1 / (1 + Math.exp(-a - b * x));
                ga += incident[i] - p;
                gb += (incident[i] - p) * x;
                haa += p * (1 - p);
                hab += p * (1 - p) * x;
                hbb += p * (1 - p) * x * x;
            }
            double determinant = haa * hbb - hab * hab;
            a += (hbb * ga - hab * gb) / determinant;
            b += (haa * gb - hab * ga) / determinant;
        }

        assertThat(flights.rows()).isEqualTo(23);
        assertThat(b).isCloseTo(-0.2322, within(5e-5));
        assertThat(a - 70 * b).isCloseTo(15.0429, within(5e-5));
    }

    @Test
    void battingAverages() {
        Table season = Table.read("batting.csv");

        assertThat(season.rows()).isEqualTo(18);
        assertThat(season.numbers("at_bats")).containsOnly(45);
        assertThat(mean(season.numbers("hits")) / 45).isCloseTo(0.265, within(5e-4));
    }

    @Test
    void absences() {
        Table pupils = Table.read("quine.csv");

        assertThat(pupils.rows()).isEqualTo(146);
        assertThat(Arrays.stream(pupils.integers("days")).sum()).isEqualTo(2403);
        assertThat(Arrays.stream(pupils.integers("not_aboriginal")).sum()).isEqualTo(77);
    }

    @Test
    void flowOfTheNile() {
        Table nile = Table.read("nile.csv");

        assertThat(nile.integers("year")).hasSize(100).startsWith(1871).endsWith(1970);
        assertThat(mean(nile.numbers("flow"))).isCloseTo(919.35, within(1e-9));
    }

    @Test
    void levelOfLakeHuron() {
        Table huron = Table.read("huron.csv");

        assertThat(huron.integers("year")).hasSize(98).startsWith(1875).endsWith(1972);
        assertThat(mean(huron.numbers("feet"))).isCloseTo(579.0041, within(5e-5));
    }

    @Test
    void remissions() {
        Table trial = Table.read("gehan.csv");
        int[] weeks = trial.integers("weeks");
        int[] relapsed = trial.integers("relapsed");
        int[] treated = trial.integers("treated");
        int[] totalWeeks = new int[2];
        int[] relapses = new int[2];
        int[] patients = new int[2];
        for (int i = 0; i < weeks.length; i++) {
            totalWeeks[treated[i]] += weeks[i];
            relapses[treated[i]] += relapsed[i];
            patients[treated[i]]++;
        }

        assertThat(patients).containsExactly(21, 21);
        assertThat(relapses).containsExactly(21, 9);
        assertThat(totalWeeks).containsExactly(182, 359);
    }

    /** The first image is the one that scikit-learn's tutorial prints; three pixels are 0 in the whole test set. */
    @Test
    void handwrittenDigits() {
        Table digits = Table.read("digits.csv");
        assertThat(digits.rows()).isEqualTo(208);
        int[] zero = {
            0, 0, 5, 13, 9, 1, 0, 0,
            0, 0, 13, 15, 10, 15, 5, 0,
            0, 3, 15, 2, 0, 11, 8, 0,
            0, 4, 12, 0, 0, 8, 8, 0,
            0, 5, 8, 0, 0, 9, 8, 0,
            0, 4, 11, 0, 1, 12, 7, 0,
            0, 2, 14, 5, 10, 12, 0, 0,
            0, 0, 6, 13, 10, 0, 0, 0
        };
        for (int pixel = 0; pixel < 64; pixel++) {
            double[] grey = digits.numbers("p" + pixel);
            assertThat(Arrays.stream(grey).allMatch(value -> value >= 0 && value <= 16 && value == Math.rint(value)))
                    .as("pixel %s", pixel)
                    .isTrue();
            assertThat(grey[0]).isEqualTo(zero[pixel]);
            if (pixel == 0 || pixel == 32 || pixel == 39) {
                assertThat(grey).containsOnly(0);
            }
        }
        for (int digit = 0; digit < 10; digit++) {
            int wanted = digit;
            assertThat(Arrays.stream(digits.integers("digit"))
                            .filter(label -> label == wanted)
                            .count())
                    .isBetween(19L, 23L);
        }
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "batting.csv",
                "cars.csv",
                "digits.csv",
                "gehan.csv",
                "huron.csv",
                "nile.csv",
                "orings.csv",
                "quine.csv"
            })
    void everyTableSaysWhereItComesFrom(String file) throws IOException {
        try (InputStream notes = Table.class.getResourceAsStream("data/DATA.md")) {
            assertThat(new String(notes.readAllBytes(), StandardCharsets.UTF_8)).contains("| `" + file + "` |");
        }
    }

    @Test
    void aTableThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> Table.read("none.csv")).hasMessageContaining("none.csv");
    }
}
