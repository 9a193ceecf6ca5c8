package org.variational.divergence;

import java.util.Locale;
import java.util.Objects;

/** The target's power rises linearly to 1; the level is the power. */
record TemperingSchedule(Divergence goal, double initialLevel, long steps) implements DivergenceSchedule {
    TemperingSchedule {
        Objects.requireNonNull(goal, "goal");
        if (!(initialLevel > 0 && initialLevel <= 1)) {
            throw new IllegalArgumentException("the first power must be above 0 and at most 1, got " + initialLevel);
        }
        if (steps < 1) {
            throw new IllegalArgumentException("tempering must take at least 1 step, got " + steps);
        }
    }

    @Override
    public Divergence at(double level) {
        return level == 1 ? goal : Divergences.tempered(goal, level);
    }

    @Override
    public double next(double level, long step, double effectiveSampleFraction) {
        return step >= steps ? 1 : initialLevel + (1 - initialLevel) * step / steps;
    }

    @Override
    public String name() {
        return goal.name() + " with the target's power rising from " + initialLevel + " over " + steps + " steps";
    }

    @Override
    public boolean isReverseKl() {
        return initialLevel == 1 && goal.isReverseKl();
    }

    @Override
    public boolean changesPowerOnly() {
        return true;
    }

    @Override
    public String report(double level) {
        return level == 1
                ? ""
                : String.format(
                        Locale.ROOT,
                        "the fit ended before tempering did: it approximates the target raised to the power %.3g",
                        level);
    }
}
