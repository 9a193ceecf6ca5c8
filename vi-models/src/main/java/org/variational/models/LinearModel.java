package org.variational.models;

import org.ejml.data.DMatrixRMaj;
import org.variational.expression.Data;
import org.variational.expression.Expr;
import org.variational.model.Model;
import org.variational.posterior.Posterior;

/** A regression on rows with data {@code x} and outcomes {@code y}, whose expected outcome is a row-wise expression. */
abstract class LinearModel implements Regression {

    private final Model model;
    private final Expr expected;
    private final LinearPredictor predictor;

    LinearModel(Model model, Expr expected, LinearPredictor predictor) {
        this.model = model;
        this.expected = expected;
        this.predictor = predictor;
    }

    @Override
    public final Model model() {
        return model;
    }

    /** The data of new rows other than predictors, the outcomes being any that the model allows. */
    Data others(int rows) {
        return Data.declared().with("y", new double[rows]);
    }

    /** The model at new rows. */
    final Model at(double[][] newX, Data others) {
        predictor.requireLike("newX", newX);
        return model.with(others.with("x", newX));
    }

    final DMatrixRMaj expected(Posterior posterior, Model at) {
        return at.evaluate(expected, Prediction.points(model, posterior));
    }

    final DMatrixRMaj predict(Posterior posterior, Model at, long seed) {
        return at.predict("y", Prediction.points(model, posterior), Prediction.random(seed));
    }

    @Override
    public final DMatrixRMaj expected(Posterior posterior, double[][] newX) {
        return expected(posterior, at(newX, others(newX.length)));
    }

    @Override
    public final DMatrixRMaj predict(Posterior posterior, double[][] newX, long seed) {
        return predict(posterior, at(newX, others(newX.length)), seed);
    }
}
