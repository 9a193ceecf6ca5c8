package org.variational;

import org.variational.density.LogDensity;
import org.variational.density.ParameterLayout;
import org.variational.diagnostic.Diagnosis;
import org.variational.doctor.ModelDoctor;
import org.variational.model.Model;

/**
 * What can be asked of a model or a density before it is fitted.
 *
 * <pre>{@code
 * Diagnosis diagnosis = Models.diagnose(model);
 * System.out.println(diagnosis);
 * if (!diagnosis.healthy()) { ... diagnosis.findings() ... }
 * }</pre>
 */
public final class Models {

    private Models() {}

    /** Examines a model with some hundred evaluations; see {@link ModelDoctor}. */
    public static Diagnosis diagnose(Model model) {
        return diagnose(model, ModelDoctor.Effort.standard());
    }

    /**
     * Examines a model.
     *
     * @param effort how much is looked at
     */
    public static Diagnosis diagnose(Model model, ModelDoctor.Effort effort) {
        return ModelDoctor.examine(model, effort);
    }

    /** Examines a density whose coordinates have no names with some hundred evaluations. */
    public static Diagnosis diagnose(LogDensity density) {
        return diagnose(density, ParameterLayout.unnamed(density.dimension()));
    }

    /**
     * Examines a density with some hundred evaluations.
     *
     * @param layout the names and meaning of its coordinates
     * @throws IllegalArgumentException if the dimensions differ, or the blocks of the layout do not cover its
     *     coordinates
     */
    public static Diagnosis diagnose(LogDensity density, ParameterLayout layout) {
        return diagnose(density, layout, ModelDoctor.Effort.standard());
    }

    /**
     * Examines a density.
     *
     * @param layout the names and meaning of its coordinates
     * @param effort how much is looked at
     * @throws IllegalArgumentException if the dimensions differ, or the blocks of the layout do not cover its
     *     coordinates
     */
    public static Diagnosis diagnose(LogDensity density, ParameterLayout layout, ModelDoctor.Effort effort) {
        return ModelDoctor.examine(density, layout, effort);
    }
}
