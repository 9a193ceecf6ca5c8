package org.variational.algorithm.importance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.CholeskyDecomposition_F64;
import org.variational.family.FullRankGaussian;
import org.variational.family.Mixture;
import org.variational.family.MultivariateStudentT;

/** A mixture of multivariate t distributions with 5 degrees of freedom, and its fit to weighted points. */
final class StudentMixture {

    static final double DEGREES = 5;

    /** The covariance of a component over its scale matrix. */
    private static final double SPREAD = DEGREES / (DEGREES - 2);

    /** A component with less of the mass is left out. */
    private static final double SMALLEST = 1e-3;

    /**
     * A component.
     *
     * @param weight its mass, positive
     * @param location its centre
     * @param scale its scale matrix, positive definite
     */
    record Part(double weight, double[] location, DMatrixRMaj scale) {}

    private final List<Part> parts;
    private final Mixture.Member member;
    private final double[] logWeights;
    private final double[] logPeaks;

    /** The mixture of some parts, with weights made to sum to 1. */
    StudentMixture(List<Part> parts) {
        double total = parts.stream().mapToDouble(Part::weight).sum();
        int d = parts.get(0).location.length;
        MultivariateStudentT family = MultivariateStudentT.of(d, DEGREES);
        // a factor of the scale stands where that of a Gaussian's covariance does
        FullRankGaussian layout = FullRankGaussian.of(d);
        int size = family.parameterCount();
        double[] parameters = new double[parts.size() * (1 + size)];
        this.parts = new ArrayList<>();
        this.logWeights = new double[parts.size()];
        this.logPeaks = new double[parts.size()];
        for (int k = 0; k < parts.size(); k++) {
            Part part = parts.get(k);
            double weight = part.weight / total;
            this.parts.add(new Part(weight, part.location, part.scale));
            logWeights[k] = Math.log(weight);
            parameters[k] = logWeights[k];
            System.arraycopy(
                    layout.parametersOf(part.location, part.scale), 0, parameters, parts.size() + k * size, size);
        }
        this.member = Mixture.of(parts.size(), family).member(parameters);
        double[] peak = new double[1];
        for (int k = 0; k < parts.size(); k++) {
            member.stratum(k).logDensity(new DMatrixRMaj(d, 1, true, this.parts.get(k).location), peak);
            logPeaks[k] = peak[0];
        }
    }

    /** The same mixture again. */
    StudentMixture(Mixture.Member member) {
        this(parts(member));
    }

    private static List<Part> parts(Mixture.Member member) {
        double[] weights = member.strataProbabilities();
        List<Part> parts = new ArrayList<>();
        for (int k = 0; k < weights.length; k++) {
            MultivariateStudentT.Member part = (MultivariateStudentT.Member) member.stratum(k);
            parts.add(new Part(weights[k], part.mean(), part.scaleMatrix()));
        }
        return parts;
    }

    Mixture.Member member() {
        return member;
    }

    int count() {
        return parts.size();
    }

    int parameterCount() {
        return parts.size() * (1 + member.family().componentFamily().parameterCount()) - 1;
    }

    double[] logDensity(DMatrixRMaj points) {
        double[] logs = new double[points.numCols];
        member.logDensity(points, logs);
        return logs;
    }

    /** The mixture with a part for some points, which takes its weight from the others. */
    StudentMixture with(Cloud points, double weight) {
        List<Part> more = new ArrayList<>();
        for (Part part : parts) {
            more.add(new Part(part.weight * (1 - weight), part.location, part.scale));
        }
        double[] mean = points.mean();
        DMatrixRMaj covariance = points.covariance(mean);
        CommonOps_DDRM.divide(covariance, SPREAD);
        more.add(new Part(weight, mean, stabilised(covariance, points.effectiveSize(), nearest(mean).scale)));
        return new StudentMixture(more);
    }

    /** The mixture moved and stretched, by a triangular matrix, so that its mean and covariance are those given. */
    StudentMixture matched(double[] mean, DMatrixRMaj covariance) {
        int d = mean.length;
        double[] own = member.mean();
        DMatrixRMaj spread = new DMatrixRMaj(d, d);
        for (Part part : parts) {
            CommonOps_DDRM.addEquals(spread, part.weight * SPREAD, part.scale);
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    spread.data[i * d + j] += part.weight * (part.location[i] - own[i]) * (part.location[j] - own[j]);
                }
            }
        }
        DMatrixRMaj inverse = factor(spread);
        CommonOps_DDRM.invert(inverse);
        DMatrixRMaj map = new DMatrixRMaj(d, d);
        CommonOps_DDRM.mult(factor(covariance), inverse, map);
        List<Part> moved = new ArrayList<>();
        for (Part part : parts) {
            double[] location = mean.clone();
            for (int i = 0; i < d; i++) {
                for (int j = 0; j < d; j++) {
                    location[i] += map.data[i * d + j] * (part.location[j] - own[j]);
                }
            }
            DMatrixRMaj half = new DMatrixRMaj(d, d);
            CommonOps_DDRM.mult(map, part.scale, half);
            DMatrixRMaj scale = new DMatrixRMaj(d, d);
            CommonOps_DDRM.multTransB(half, map, scale);
            moved.add(new Part(part.weight, location, scale));
        }
        return new StudentMixture(moved);
    }

    private static DMatrixRMaj factor(DMatrixRMaj covariance) {
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(covariance.numRows, true);
        if (!cholesky.decompose(covariance.copy())) {
            throw new IllegalArgumentException("the covariance of the weighted draws is not positive definite");
        }
        return cholesky.getT(null);
    }

    /** The part of the largest density at a point. */
    private Part nearest(double[] point) {
        DMatrixRMaj at = new DMatrixRMaj(point.length, 1, true, point);
        double[] log = new double[1];
        double highest = Double.NEGATIVE_INFINITY;
        Part nearest = parts.get(0);
        for (int k = 0; k < parts.size(); k++) {
            member.stratum(k).logDensity(at, log);
            if (logWeights[k] + log[0] > highest) {
                highest = logWeights[k] + log[0];
                nearest = parts.get(k);
            }
        }
        return nearest;
    }

    /** Steps of expectation maximisation from here; scales are held to those at the start as far as points are few. */
    StudentMixture fitted(Cloud points, int steps) {
        StudentMixture fitted = this;
        List<DMatrixRMaj> references = new ArrayList<>();
        for (Part part : parts) {
            references.add(part.scale);
        }
        for (int step = 0; step < steps; step++) {
            fitted = fitted.maximised(points, references);
        }
        return fitted;
    }

    private StudentMixture maximised(Cloud points, List<DMatrixRMaj> references) {
        int lanes = points.weights().length;
        double[][] shares = new double[parts.size()][lanes];
        double[][] shrinkages = new double[parts.size()][lanes];
        share(points, shares, shrinkages);
        List<Part> next = new ArrayList<>();
        List<DMatrixRMaj> kept = new ArrayList<>();
        for (int k = 0; k < parts.size(); k++) {
            double mass = 0;
            double squares = 0;
            double shrunk = 0;
            for (int s = 0; s < lanes; s++) {
                mass += shares[k][s];
                squares += shares[k][s] * shares[k][s];
                shrinkages[k][s] *= shares[k][s];
                shrunk += shrinkages[k][s];
            }
            if (!(mass > SMALLEST) && parts.size() > 1) {
                continue;
            }
            for (int s = 0; s < lanes; s++) {
                shrinkages[k][s] /= shrunk;
            }
            Cloud own = new Cloud(points.points(), shrinkages[k], points.logDensity());
            double[] location = own.mean();
            DMatrixRMaj scale = own.covariance(location);
            CommonOps_DDRM.scale(shrunk / mass, scale);
            next.add(new Part(mass, location, stabilised(scale, mass * mass / squares, references.get(k))));
            kept.add(references.get(k));
        }
        references.clear();
        references.addAll(kept);
        return next.isEmpty() ? this : new StudentMixture(next);
    }

    /** The share of every part in the weight of every point, and how much the tails of the part discount the point. */
    private void share(Cloud points, double[][] shares, double[][] shrinkages) {
        int lanes = points.weights().length;
        int d = points.points().numRows;
        double power = 2 / (DEGREES + d);
        double[] highest = new double[lanes];
        Arrays.fill(highest, Double.NEGATIVE_INFINITY);
        for (int k = 0; k < parts.size(); k++) {
            member.stratum(k).logDensity(points.points(), shares[k]);
            for (int s = 0; s < lanes; s++) {
                // log q = peak - (nu + D) / 2 log(1 + distance / nu)
                shrinkages[k][s] = (DEGREES + d) / DEGREES * Math.exp(power * (shares[k][s] - logPeaks[k]));
                shares[k][s] += logWeights[k];
                highest[s] = Math.max(highest[s], shares[k][s]);
            }
        }
        double[] total = new double[lanes];
        for (double[] share : shares) {
            for (int s = 0; s < lanes; s++) {
                share[s] = Math.exp(share[s] - highest[s]);
                total[s] += share[s];
            }
        }
        for (double[] share : shares) {
            for (int s = 0; s < lanes; s++) {
                share[s] *= points.weights()[s] / total[s];
            }
        }
    }

    /**
     * A scale matrix from points, held to another as if that were known from D + 1 points; the other alone if that is
     * not positive definite.
     */
    private static DMatrixRMaj stabilised(DMatrixRMaj scale, double points, DMatrixRMaj reference) {
        int d = scale.numRows;
        double share = points / (points + d + 1);
        DMatrixRMaj held = new DMatrixRMaj(d, d);
        CommonOps_DDRM.add(share, scale, 1 - share, reference, held);
        CholeskyDecomposition_F64<DMatrixRMaj> cholesky = DecompositionFactory_DDRM.chol(d, true);
        return cholesky.decompose(held.copy()) ? held : reference;
    }
}
