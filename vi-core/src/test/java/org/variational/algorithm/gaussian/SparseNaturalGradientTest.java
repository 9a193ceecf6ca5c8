package org.variational.algorithm.gaussian;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.variational.distribution.Distributions.halfNormal;
import static org.variational.distribution.Distributions.normal;
import static org.variational.distribution.Distributions.poissonLog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.variational.VariationalInference;
import org.variational.algorithm.automatic.AutomaticInference;
import org.variational.density.Adjacency;
import org.variational.density.Interactions;
import org.variational.density.LogDensity;
import org.variational.diagnostic.Status;
import org.variational.expression.Expr;
import org.variational.family.Families;
import org.variational.family.SparseGaussian;
import org.variational.fit.Fit;
import org.variational.model.Model;
import org.variational.model.ModelBuilder;
import org.variational.model.Rows;
import org.variational.random.RandomStreams;
import org.variational.structure.FactorPattern;

/** Stein regression and natural-gradient steps under a sparse pattern. */
class SparseNaturalGradientTest {

    private static final int GROUPS = 30;

    /** Two coordinates coupled to all groups, of which each is a block of two. */
    private static Interactions grouped() {
        List<int[]> terms = new ArrayList<>();
        for (int j = 0; j < GROUPS; j++) {
            terms.add(new int[] {0, 1, 2 + 2 * j, 3 + 2 * j});
        }
        return Interactions.of(2 + 2 * GROUPS, terms);
    }

    private static RandomGenerator random(long seed) {
        return RandomStreams.of(seed).generator("test", 0);
    }

    /** A symmetric matrix with entries where coordinates are related; positive definite as its diagonal dominates. */
    private static DMatrixRMaj matrix(Adjacency adjacency, long seed) {
        RandomGenerator random = random(seed);
        int d = adjacency.dimension();
        DMatrixRMaj matrix = new DMatrixRMaj(d, d);
        for (int i = 0; i < d; i++) {
            matrix.add(i, i, 1 + random.nextDouble());
            for (int j : adjacency.neighbours(i)) {
                if (j < i) {
                    double value = random.nextGaussian();
                    matrix.set(i, j, value);
                    matrix.set(j, i, value);
                    matrix.add(i, i, Math.abs(value));
                    matrix.add(j, j, Math.abs(value));
                }
            }
        }
        return matrix;
    }

    /** The Gaussian of a mean and a precision, which says nothing of its pattern. */
    private static LogDensity gaussian(double[] mean, DMatrixRMaj precision) {
        int d = mean.length;
        return new LogDensity() {
            @Override
            public int dimension() {
                return d;
            }

            @Override
            public void evaluate(DMatrixRMaj points, double[] logDensity, DMatrixRMaj gradient) {
                int lanes = points.numCols;
                for (int s = 0; s < lanes; s++) {
                    logDensity[s] = 0;
                    for (int i = 0; i < d; i++) {
                        double slope = 0;
                        for (int j = 0; j < d; j++) {
                            slope -= precision.get(i, j) * (points.get(j, s) - mean[j]);
                        }
                        logDensity[s] += 0.5 * slope * (points.get(i, s) - mean[i]);
                        if (gradient != null) {
                            gradient.set(i, s, slope);
                        }
                    }
                }
            }
        };
    }

    private static double[] normals(int numbers, long seed) {
        RandomGenerator random = random(seed);
        double[] normals = new double[numbers];
        Arrays.setAll(normals, i -> random.nextGaussian());
        return normals;
    }

    @Test
    void steinRegressionIsExactOnAGaussianFromAsFewDrawsAsItsDegree() {
        Interactions interactions = grouped();
        Adjacency related = interactions.related();
        FactorPattern pattern = SparseGaussian.of(interactions).pattern();
        SteinRegression regression = new SteinRegression(pattern, related);
        int d = pattern.size();
        int pairs = regression.fewestDraws() / 2;
        // a group's coordinates have three neighbours, whatever the number of groups
        assertThat(pairs).isEqualTo(5);
        DMatrixRMaj slopes = matrix(related, 3);
        double[] odd = normals(d * pairs, 4);
        double[] field = new double[d * pairs];
        for (int i = 0; i < d; i++) {
            for (int j = 0; j < d; j++) {
                for (int p = 0; p < pairs; p++) {
                    field[i * pairs + p] += slopes.get(i, j) * odd[j * pairs + p];
                }
            }
        }
        double[] found = new double[pattern.entries()];
        assertThat(regression.slopes(odd, field, pairs, found)).isTrue();
        for (int column = 0; column < d; column++) {
            for (int entry = pattern.start(column); entry < pattern.end(column); entry++) {
                double exact = slopes.get(pattern.node(pattern.row(entry)), pattern.node(column));
                assertThat(found[entry]).isCloseTo(exact, within(1e-8 * (1 + GROUPS)));
            }
        }
    }

    @Test
    void drawsThatDoNotDetermineTheSlopesAreSeen() {
        FactorPattern pattern = SparseGaussian.of(grouped()).pattern();
        SteinRegression regression = new SteinRegression(pattern, grouped().related());
        int numbers = pattern.size() * 6;
        assertThat(regression.slopes(new double[numbers], new double[numbers], 6, new double[pattern.entries()]))
                .isFalse();
    }

    /** The slope of {@code z^3} under a standard normal is 3; least squares from n draws have {@code 3 n / (n + 2)}. */
    @Test
    void leastSquaresAreCorrectedForTheirBias() {
        int n = 12;
        int batches = 40_000;
        LeastSquares regression = new LeastSquares();
        RandomGenerator random = random(5);
        double[] x = new double[n];
        double[] y = new double[n];
        double[] coefficient = new double[1];
        double sum = 0;
        for (int b = 0; b < batches; b++) {
            Arrays.setAll(x, p -> random.nextGaussian());
            Arrays.setAll(y, p -> x[p] * x[p] * x[p]);
            assertThat(regression.regressors(new int[] {0}, x, n)).isTrue();
            double[] residual = y.clone();
            regression.residual(residual, 0);
            regression.predictive(residual);
            regression.coefficients(y, 0, residual, coefficient);
            sum += coefficient[0] / batches;
        }
        // uncorrected it is 2.571; a batch has an sd below 2.5, so that four standard errors are .05
        assertThat(sum).isCloseTo(3, within(0.12));
    }

    /** An influence is what a response adds to its coefficient. */
    @Test
    void influencesGiveTheCoefficients() {
        int n = 9;
        double[] x = normals(3 * n, 6);
        double[] y = normals(n, 7);
        LeastSquares regression = new LeastSquares();
        assertThat(regression.regressors(new int[] {2, 0, 1}, x, n)).isTrue();
        double[] coefficients = new double[3];
        regression.coefficients(y, 0, new double[n], coefficients);
        double[] influence = new double[n];
        for (int k = 0; k < 3; k++) {
            regression.influence(k, influence);
            double sum = 0;
            for (int p = 0; p < n; p++) {
                sum += influence[p] * y[p];
            }
            assertThat(sum).isCloseTo(coefficients[k], within(1e-12));
        }
    }

    private static VariationalInference sparse(LogDensity target, Interactions interactions) {
        return VariationalInference.of(target)
                .family(Families.sparse(interactions))
                .algorithm(NaturalGradient.create().withStep(1))
                .evaluationBudget(40_000)
                .seed(7);
    }

    @Test
    void aGaussianOfThePatternIsFoundToRounding() {
        Interactions interactions = grouped();
        DMatrixRMaj precision = matrix(interactions.related(), 8);
        int d = precision.numRows;
        double[] mean = normals(d, 9);
        double[] sd = new double[d];
        Arrays.fill(sd, 0.1);
        Fit fit = sparse(gaussian(mean, precision), interactions)
                .start(new double[d], sd)
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        assertThat(fit.stop().iteration()).isLessThan(12);
        SparseGaussian.Member answer = (SparseGaussian.Member) fit.distribution();
        assertThat(answer.mean()).containsExactly(mean, within(1e-7));
        DMatrixRMaj product = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(answer.covariance(), precision, product);
        for (int i = 0; i < d; i++) {
            product.add(i, i, -1);
        }
        assertThat(Arrays.stream(product.data).map(Math::abs).max().orElse(1)).isLessThan(1e-6);
    }

    /** Counts of some groups, of which the log means are normal: small enough for all Gaussians. */
    private static Model counts(boolean centred) {
        int groups = 6;
        int[] group = new int[5 * groups];
        Arrays.setAll(group, i -> i / 5);
        double[] counts = new double[group.length];
        RandomGenerator random = random(11);
        Arrays.setAll(counts, i -> Math.floor((1 + group[i]) * random.nextDouble() * 2));
        ModelBuilder m = Model.named("counts");
        Expr mu = m.parameter("mu", normal(0, 2));
        Expr tau = m.parameter("tau", halfNormal(1));
        var prior = normal(mu, tau);
        Expr alpha = m.parameter("alpha", centred ? prior : prior.nonCentered(), groups);
        Rows rows = m.rows(counts.length);
        rows.observe("y", poissonLog(alpha.at(rows.index("group", group))), counts);
        return m.build();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOptimumIsThatOfAllGaussians(boolean centred) {
        Model model = counts(centred);
        Fit all = VariationalInference.of(model)
                .family(Families.fullRank())
                .tolerance(0.01)
                .run();
        Fit sparse = VariationalInference.of(model)
                .family(Families.sparse())
                .algorithm(NaturalGradient.create().withTolerance(0.01))
                .run();
        assertThat(sparse.stop().status()).isEqualTo(Status.CONVERGED);
        double[] sd = all.distribution().standardDeviation();
        for (int i = 0; i < sd.length; i++) {
            // both tests allow the tolerance and as much again for what the step does; the bias of the regressions is
            // below that
            assertThat((sparse.distribution().mean()[i] - all.distribution().mean()[i]) / sd[i])
                    .isCloseTo(0, within(0.05));
            assertThat(sparse.distribution().standardDeviation()[i] / sd[i]).isCloseTo(1, within(0.05));
        }
    }

    @Test
    void sameSeedSameBits() {
        Model model = counts(true);
        VariationalInference inference = VariationalInference.of(model)
                .family(Families.sparse())
                .algorithm(NaturalGradient.create())
                .maxIterations(50);
        double[] first = inference.run().distribution().parameters();
        assertThat(inference.run().distribution().parameters()).isEqualTo(first);
        assertThat(inference.seed(2).run().distribution().parameters()).isNotEqualTo(first);
    }

    @Test
    void theDefaultDescendsByItWhereTheFamilyIsSparse() {
        int d = 300;
        List<int[]> terms = new ArrayList<>();
        for (int i = 1; i < d; i++) {
            terms.add(new int[] {i - 1, i});
        }
        Interactions chain = Interactions.of(d, terms);
        double[] sd = new double[d];
        Arrays.fill(sd, 1);
        AtomicLong steps = new AtomicLong();
        Fit fit = VariationalInference.of(gaussian(normals(d, 13), matrix(chain.related(), 14)))
                .family(Families.sparse(chain))
                .algorithm(AutomaticInference.create())
                .start(new double[d], sd)
                .callback(progress -> steps.addAndGet(progress.phase().equals("fit") ? 1 : 0))
                .run();
        assertThat(fit.stop().status()).isEqualTo(Status.CONVERGED);
        // the stochastic gradient's own test takes 200 at least
        assertThat(steps.get()).isBetween(5L, 60L);
    }

    @Test
    void aNarrowerPatternIsLeftToTheStochasticGradient() {
        Interactions independent = Interactions.of(8, List.of());
        Fit fit = VariationalInference.of(counts(true))
                .family(Families.sparse(independent))
                .algorithm(AutomaticInference.create())
                .evaluationBudget(5_000)
                .run();
        assertThat(fit.distribution()).isInstanceOf(SparseGaussian.Member.class);
    }

    @Test
    void whatItCannotServeIsRefusedWithARemedy() {
        Model model = counts(true);
        VariationalInference inference = VariationalInference.of(model).algorithm(NaturalGradient.create());
        assertThatThrownBy(() -> inference.family(Families.meanField()).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("use fullRank() or sparse()");
        Interactions narrow = Interactions.of(8, List.of(new int[] {0, 1}));
        assertThatThrownBy(() -> inference.family(Families.sparse(narrow)).run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"alpha[0]\" and \"mu\"")
                .hasMessageContaining("use sparse()");
        assertThatThrownBy(() -> inference
                        .family(Families.sparse())
                        .algorithm(NaturalGradient.create().withBatchSize(4))
                        .run())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs at least 8 draws")
                .hasMessageContaining("withBatchSize(4)");
    }
}
