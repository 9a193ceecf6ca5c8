package org.variational.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.variational.diagnostic.Diagnosis.Check;
import org.variational.diagnostic.Diagnosis.Code;
import org.variational.diagnostic.Diagnosis.Finding;
import org.variational.diagnostic.Diagnosis.Level;
import org.variational.diagnostic.Diagnosis.Stage;
import org.variational.model.Model;

/**
 * Looks at the data of a model: used, varying, and without redundant columns. That they are finite is checked at
 * declaration.
 */
final class DataStage {

    /** How near to 1 the squared cosine of two columns must be for one to count as a multiple of the other. */
    private static final double PARALLEL = 1e-13;

    /** The widest matrix whose columns are compared. */
    private static final int MOST_COLUMNS = 200;

    private DataStage() {}

    static Stage of(Model model) {
        List<Finding> findings = new ArrayList<>();
        for (String name : model.unusedData()) {
            findings.add(finding(
                    Code.UNUSED_DATA,
                    name,
                    "data \"" + name
                            + "\" are declared, but neither the log density nor a derived value depends on them:"
                            + " use them, or do not declare them"));
        }
        Map<String, DMatrixRMaj> data = model.data();
        data.forEach((name, values) -> {
            if (model.observations().contains(name)) {
                constant(name, values, findings);
            } else {
                redundant(name, values, findings);
            }
        });
        return ModelDoctor.made(Check.DATA, data.size() + " named sets of numbers", findings);
    }

    private static Finding finding(Code code, String name, String text) {
        return new Finding(code, Level.WARN, List.of(name), List.of(), text);
    }

    private static void constant(String name, DMatrixRMaj values, List<Finding> findings) {
        double[] all = values.data;
        for (double value : all) {
            if (value != all[0]) {
                return;
            }
        }
        if (all.length > 1) {
            findings.add(finding(
                    Code.CONSTANT_OBSERVATION,
                    name,
                    "all " + all.length + " values of the observation \"" + name + "\" are " + all[0]
                            + ": a scale or a slope that explains differences is determined by its prior alone, or not"
                            + " at all"));
        }
    }

    private static void redundant(String name, DMatrixRMaj values, List<Finding> findings) {
        int columns = values.numCols;
        if (values.numRows < 2 || columns > MOST_COLUMNS) {
            return;
        }
        for (int j = 0; j < columns; j++) {
            if (product(values, j, j) == 0) {
                findings.add(finding(
                        Code.REDUNDANT_COLUMN,
                        name,
                        "column " + j + " of \"" + name + "\" is zero throughout: its coefficient is determined by its"
                                + " prior alone; remove the column"));
                continue;
            }
            for (int i = 0; i < j; i++) {
                double squared = product(values, i, j);
                double cosine = squared * squared / (product(values, i, i) * product(values, j, j));
                if (cosine > 1 - PARALLEL) {
                    findings.add(finding(
                            Code.REDUNDANT_COLUMN,
                            name,
                            "column " + j + " of \"" + name + "\" is a multiple of column " + i
                                    + ": only a combination of their coefficients is determined by the"
                                    + " data; remove one"));
                    break;
                }
            }
        }
    }

    private static double product(DMatrixRMaj values, int i, int j) {
        double sum = 0;
        for (int row = 0; row < values.numRows; row++) {
            sum += values.data[row * values.numCols + i] * values.data[row * values.numCols + j];
        }
        return sum;
    }
}
