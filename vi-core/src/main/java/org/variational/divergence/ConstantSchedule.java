package org.variational.divergence;

import java.util.Objects;

/** One divergence for every step. */
record ConstantSchedule(Divergence goal) implements DivergenceSchedule {
    ConstantSchedule {
        Objects.requireNonNull(goal, "goal");
    }

    @Override
    public double initialLevel() {
        return 1;
    }

    @Override
    public Divergence at(double level) {
        return goal;
    }

    @Override
    public double next(double level, long step, double effectiveSampleFraction) {
        return level;
    }

    @Override
    public String name() {
        return goal.name();
    }

    @Override
    public boolean isReverseKl() {
        return goal.isReverseKl();
    }

    @Override
    public boolean changesPowerOnly() {
        return true;
    }

    @Override
    public String report(double level) {
        return "";
    }
}
