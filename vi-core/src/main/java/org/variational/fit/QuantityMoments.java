package org.variational.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.chain.ChainCheck;
import org.variational.chain.LaneMoments;
import org.variational.density.ParameterLayout;
import org.variational.estimator.CoordinateSplit;
import org.variational.posterior.Approximation;
import org.variational.weights.WeightedSample;

/**
 * The moments of what chains visit on the user's scale, beside those of draws from an approximation. Scalars that do
 * not vary, or are not finite at a draw or at a point of the chains, are left out. Mutable, for one thread.
 */
final class QuantityMoments {

    private final ParameterLayout layout;
    private final CoordinateSplit split;
    private final double[] optimised;
    private final List<String> names = new ArrayList<>();
    private final int[] rows;
    private final LaneMoments.Moments ofDraws;
    private final LaneMoments ofChains;
    private final DMatrixRMaj points = new DMatrixRMaj(0, 0);
    private final DMatrixRMaj values;
    private final DMatrixRMaj kept;
    /** Whether the chains have met finite values only. */
    private final boolean[] finite;

    /**
     * @param layout the meaning of the coordinates
     * @param split their division
     * @param optimised the values of the optimised ones
     * @param approximation its draws
     * @param lanes the number of chains
     */
    QuantityMoments(
            ParameterLayout layout, CoordinateSplit split, double[] optimised, Approximation approximation, int lanes) {
        this.layout = layout;
        this.split = split;
        this.optimised = optimised;
        List<String> all = approximation.scalarNames();
        List<Integer> varying = new ArrayList<>();
        List<WeightedSample> samples = new ArrayList<>();
        for (int row = 0; row < all.size(); row++) {
            double[] draws = approximation.draws(all.get(row));
            if (Arrays.stream(draws).allMatch(Double::isFinite)) {
                WeightedSample sample = WeightedSample.of(draws);
                if (sample.standardDeviation() > 0) {
                    varying.add(row);
                    names.add(all.get(row));
                    samples.add(sample);
                }
            }
        }
        this.rows = varying.stream().mapToInt(Integer::intValue).toArray();
        double[] mean = samples.stream().mapToDouble(WeightedSample::mean).toArray();
        double[] sd =
                samples.stream().mapToDouble(WeightedSample::standardDeviation).toArray();
        this.ofDraws = new LaneMoments.Moments(
                mean,
                samples.stream().mapToDouble(WeightedSample::meanError).toArray(),
                sd,
                samples.stream()
                        .mapToDouble(WeightedSample::standardDeviationError)
                        .toArray(),
                approximation.size());
        this.ofChains = new LaneMoments(mean, sd, lanes);
        this.values = new DMatrixRMaj(all.size(), lanes);
        this.kept = new DMatrixRMaj(rows.length, lanes);
        this.finite = new boolean[rows.length];
        Arrays.fill(finite, true);
    }

    /** Takes in a point of every chain, inferred coordinates x S. */
    void add(DMatrixRMaj inferred) {
        split.join(inferred, optimised, points);
        layout.quantitiesAt(points, values);
        int lanes = inferred.numCols;
        for (int k = 0; k < rows.length; k++) {
            System.arraycopy(values.data, rows[k] * lanes, kept.data, k * lanes, lanes);
            for (int s = 0; s < lanes; s++) {
                finite[k] &= Double.isFinite(kept.data[k * lanes + s]);
            }
        }
        ofChains.add(kept);
    }

    /** How far the chains have gone from the draws. */
    ChainCheck.Departure departure() {
        LaneMoments.Moments seen = ofChains.moments();
        for (int k = 0; k < rows.length; k++) {
            if (!finite[k]) {
                seen.mean()[k] = ofDraws.mean()[k];
                seen.sd()[k] = ofDraws.sd()[k];
                seen.meanError()[k] = ofDraws.meanError()[k];
                seen.sdError()[k] = ofDraws.sdError()[k];
            }
        }
        return ChainCheck.Departure.between(ofDraws, seen);
    }

    /** The name of a scalar that counts. */
    String name(int scalar) {
        return names.get(scalar);
    }
}
