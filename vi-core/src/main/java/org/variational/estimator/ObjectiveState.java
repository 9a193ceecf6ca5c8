package org.variational.estimator;

/**
 * What an {@link Objective} remembers from step to step: the number of steps, the level of its divergence schedule, and
 * what its estimator keeps, such as running variances or Markov chains.
 *
 * <p>Mutable, and not thread-safe. {@link #snapshot()} and {@link Objective#restore} carry it through a checkpoint
 * without losing a bit.
 */
public final class ObjectiveState {
    private static final int HEADER = 2;

    long step;
    double level;
    final double[] memory;

    ObjectiveState(double level, int memorySize) {
        this.level = level;
        this.memory = new double[memorySize];
    }

    /**
     * The number of evaluations so far.
     *
     * @return at least 0
     */
    public long step() {
        return step;
    }

    /**
     * The level of the divergence schedule, see {@link org.variational.divergence.DivergenceSchedule}.
     *
     * @return the level at which the next evaluation is made
     */
    public double level() {
        return level;
    }

    /**
     * A copy of everything that is remembered.
     *
     * @return numbers to be given to {@link Objective#restore}
     */
    public double[] snapshot() {
        double[] all = new double[HEADER + memory.length];
        all[0] = step;
        all[1] = level;
        System.arraycopy(memory, 0, all, HEADER, memory.length);
        return all;
    }

    static ObjectiveState of(double[] snapshot, int memorySize) {
        if (snapshot.length != HEADER + memorySize) {
            throw new IllegalArgumentException("the snapshot has " + snapshot.length + " numbers, this objective needs "
                    + (HEADER + memorySize) + ": it was taken from another objective");
        }
        ObjectiveState state = new ObjectiveState(snapshot[1], memorySize);
        state.step = (long) snapshot[0];
        System.arraycopy(snapshot, HEADER, state.memory, 0, memorySize);
        return state;
    }
}
