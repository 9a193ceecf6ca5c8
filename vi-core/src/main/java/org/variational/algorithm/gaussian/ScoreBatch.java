package org.variational.algorithm.gaussian;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.variational.estimator.GuardedDensity;
import org.variational.random.NormalDraws;

/**
 * Draws of a Gaussian {@code N(m, L L')} with the scores of the target, both in units of that Gaussian: {@code eps} and
 * {@code L' g}. In these units the updates see a standard normal, so that they do not depend on scales or correlations.
 */
final class ScoreBatch {

    private final int dimension;
    private final DMatrixRMaj noise;
    private final DMatrixRMaj points;
    private final DMatrixRMaj gradients;
    private final double[] values;
    private DMatrixRMaj factor = new DMatrixRMaj(0, 0);
    private DMatrixRMaj eps = new DMatrixRMaj(0, 0);
    private DMatrixRMaj scores = new DMatrixRMaj(0, 0);

    ScoreBatch(int dimension, int draws) {
        this.dimension = dimension;
        this.noise = new DMatrixRMaj(dimension, draws);
        this.points = new DMatrixRMaj(dimension, draws);
        this.gradients = new DMatrixRMaj(dimension, draws);
        this.values = new double[draws];
    }

    /** A batch of given draws and scores, in units of the Gaussian with the given factor. */
    static ScoreBatch of(DMatrixRMaj eps, DMatrixRMaj scores, DMatrixRMaj factor) {
        ScoreBatch batch = new ScoreBatch(eps.numRows, eps.numCols);
        batch.eps = eps;
        batch.scores = scores;
        batch.factor = factor;
        return batch;
    }

    /** Draws and evaluates; keeps the draws that can be used. */
    void draw(NormalDraws draws, long index, double[] mean, DMatrixRMaj newFactor, GuardedDensity target) {
        int lanes = noise.numCols;
        draws.fill(index, noise);
        factor = newFactor;
        CommonOps_DDRM.mult(factor, noise, points);
        for (int i = 0; i < dimension; i++) {
            for (int s = 0; s < lanes; s++) {
                points.data[i * lanes + s] += mean[i];
            }
        }
        target.evaluate(points, values, gradients);
        int usable = 0;
        for (double value : values) {
            usable += Double.isFinite(value) ? 1 : 0;
        }
        eps = new DMatrixRMaj(dimension, usable);
        DMatrixRMaj kept = new DMatrixRMaj(dimension, usable);
        for (int s = 0, to = 0; s < lanes; s++) {
            if (Double.isFinite(values[s])) {
                for (int i = 0; i < dimension; i++) {
                    eps.data[i * usable + to] = noise.data[i * lanes + s];
                    kept.data[i * usable + to] = gradients.data[i * lanes + s];
                }
                to++;
            }
        }
        scores = new DMatrixRMaj(dimension, usable);
        if (usable > 0) {
            CommonOps_DDRM.multTransA(factor, kept, scores);
        }
    }

    int dimension() {
        return dimension;
    }

    int drawn() {
        return noise.numCols;
    }

    /** The number of draws that can be used. */
    int size() {
        return eps.numCols;
    }

    /** D x {@link #size()}. */
    DMatrixRMaj eps() {
        return eps;
    }

    /** D x {@link #size()}. */
    DMatrixRMaj scores() {
        return scores;
    }

    /** L. */
    DMatrixRMaj factor() {
        return factor;
    }

    /** Whether the scores are finite in these units too. */
    boolean isFinite() {
        for (double score : scores.data) {
            if (!Double.isFinite(score)) {
                return false;
            }
        }
        return size() > 0;
    }

    /** {@code mean |eps + L' g|^2}. */
    double mismatch() {
        double sum = 0;
        for (int at = 0; at < eps.data.length; at++) {
            double difference = eps.data[at] + scores.data[at];
            sum += difference * difference;
        }
        return sum / size();
    }

    /** {@code mean (eps + L' g)}: the expected score in these units, without noise where the scores match. */
    double[] meanMismatch() {
        return GaussianAlgebra.rowMeans(difference());
    }

    /** The symmetric part of {@code mean eps (eps + L' g)'}: the identity plus the expected Hessian in these units. */
    DMatrixRMaj curvatureMismatch() {
        DMatrixRMaj product = new DMatrixRMaj(dimension, dimension);
        CommonOps_DDRM.multTransB(0.5 / size(), eps, difference(), product);
        CommonOps_DDRM.add(product, CommonOps_DDRM.transpose(product, null), product);
        return product;
    }

    private DMatrixRMaj difference() {
        return CommonOps_DDRM.add(eps, scores, null);
    }
}
