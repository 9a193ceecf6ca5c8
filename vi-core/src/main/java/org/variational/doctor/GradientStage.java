package org.variational.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.variational.density.GradientCheck;
import org.variational.density.ParameterLayout.Block;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.diagnostic.Diagnosis.Stage;

/** Compares the gradient with differences of the values, parameter by parameter. */
final class GradientStage {

    private static final int POINTS = 2;

    private GradientStage() {}

    /** Looks at the first usable points. */
    static Stage of(ModelDoctor.Subject subject, DMatrixRMaj usable) {
        if (!subject.density().hasGradient()) {
            return ModelDoctor.skipped(Check.GRADIENT, "the density has no gradient");
        }
        int lanes = Math.min(POINTS, usable.numCols);
        DMatrixRMaj points = new DMatrixRMaj(usable.numRows, lanes);
        for (int d = 0; d < usable.numRows; d++) {
            System.arraycopy(usable.data, d * usable.numCols, points.data, d * lanes, lanes);
        }
        List<Finding> findings = new ArrayList<>();
        int compared = 0;
        for (Block block : subject.layout().blocks()) {
            int[] coordinates = Arrays.stream(subject.coordinates())
                    .filter(d -> d >= block.offset() && d < block.offset() + block.length())
                    .toArray();
            if (coordinates.length == 0) {
                continue;
            }
            GradientCheck.Comparison comparison =
                    GradientCheck.compare(subject.density(), subject.layout(), points, coordinates);
            compared += comparison.compared();
            comparison
                    .worst()
                    .ifPresent(worst -> findings.add(new Finding(
                            Code.WRONG_GRADIENT, Level.FAIL, List.of(worst.name()), worst.point(), worst.describe())));
        }
        return ModelDoctor.made(
                Check.GRADIENT,
                compared + " slopes of " + subject.coordinates().length + " of "
                        + subject.split().inferredCount() + " coordinates compared with differences",
                findings);
    }
}
