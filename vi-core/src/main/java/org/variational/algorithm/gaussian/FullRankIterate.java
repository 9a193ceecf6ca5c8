package org.variational.algorithm.gaussian;

import java.util.Objects;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.jspecify.annotations.Nullable;
import org.variational.algorithm.Task;
import org.variational.estimator.GuardedDensity;
import org.variational.family.FullRankGaussian;
import org.variational.random.NormalDraws;

/** A full-rank Gaussian: its mean and the lower triangular factor of its covariance. */
final class FullRankIterate extends GaussianIterate {

    private static final int FEWEST_MATCHED = 16;

    /** The update from a batch, with a step of at most {@code largestStep}; null if it leads to no Gaussian. */
    @FunctionalInterface
    interface Update {
        GaussianUpdates.@Nullable Move of(ScoreBatch batch, double largestStep);
    }

    private final FullRankGaussian family;
    private final Update update;
    private final NormalDraws draws;
    private final ScoreBatch batch;
    private double[] mean;
    private DMatrixRMaj factor;

    FullRankIterate(FullRankGaussian family, Task.Start place, Update update, NormalDraws draws, int batchSize) {
        this.family = family;
        this.update = update;
        this.draws = draws;
        this.batch = new ScoreBatch(family.dimension(), batchSize);
        this.mean = place.mean();
        this.factor = CommonOps_DDRM.diag(Objects.requireNonNull(place.standardDeviation()));
    }

    @Override
    void draw(long index, GuardedDensity target) {
        batch.draw(draws, index, mean, factor, target);
    }

    @Override
    boolean isUsable() {
        return 4 * batch.size() >= batch.drawn() && batch.isFinite();
    }

    @Override
    int size() {
        return batch.size();
    }

    @Override
    double mismatch() {
        return batch.mismatch();
    }

    @Override
    int fewestMatched() {
        return Math.max(family.dimension() + 1, FEWEST_MATCHED);
    }

    @Override
    double move(double largestStep) {
        GaussianUpdates.Move move = update.of(batch, largestStep);
        if (move == null) {
            return Double.NaN;
        }
        int d = family.dimension();
        DMatrixRMaj product = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(factor, move.factor(), product);
        DMatrixRMaj moved = GaussianAlgebra.triangularised(product);
        double[] to = mean.clone();
        boolean finite = moved != null;
        for (int i = 0; i < d; i++) {
            for (int j = 0; j <= i; j++) {
                to[i] += factor.data[i * d + j] * move.shift()[j];
            }
            finite &= Double.isFinite(to[i]);
        }
        if (!finite) {
            return Double.NaN;
        }
        mean = to;
        factor = Objects.requireNonNull(moved);
        return move.step();
    }

    @Override
    void narrow() {
        CommonOps_DDRM.scale(0.5, factor);
    }

    @Override
    double[] parameters() {
        int d = mean.length;
        double[] parameters = new double[family.parameterCount()];
        System.arraycopy(mean, 0, parameters, 0, d);
        int at = d;
        for (int i = 0; i < d; i++) {
            System.arraycopy(factor.data, i * d, parameters, at, i);
            at += i;
            parameters[at++] = Math.log(factor.data[i * d + i]);
        }
        return parameters;
    }

    @Override
    void adopt(double[] parameters) {
        FullRankGaussian.Member member = family.member(parameters);
        mean = member.mean();
        factor = member.choleskyFactor();
    }
}
