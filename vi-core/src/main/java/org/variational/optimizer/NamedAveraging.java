package org.variational.optimizer;

/** An averaging rule with a name for reports. */
record NamedAveraging(String name, Averaging rule) implements Averaging {

    @Override
    public double weight(long t) {
        return rule.weight(t);
    }
}
