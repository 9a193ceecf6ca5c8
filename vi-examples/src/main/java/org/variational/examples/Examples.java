package org.variational.examples;

import java.util.List;

/** The examples, in the order of the list. A new one is one line. */
public final class Examples {

    private Examples() {}

    /** All of them. */
    public static List<Example> all() {
        return List.of(
                Example.fitting(
                        "eight-schools", "does coaching help? eight effects share strength", EightSchools::model),
                Example.fitting(
                        "linear-regression", "stopping distance of cars by their speed", StoppingDistance::model),
                Example.fitting(
                        "logistic-regression", "damage to the space shuttle's O-rings by temperature", ORings::model),
                Example.fitting(
                        "hierarchical", "batting averages of 18 players from 45 times at bat", BattingAverages::model),
                Example.fitting(
                        "count", "days absent from school, by negative binomial regression", SchoolAbsences::model),
                Example.fitting("time-series", "the flow of the Nile as a wandering level with noise", NileFlow::model),
                Example.fitting(
                        "gaussian-process", "the level of Lake Huron as a smooth curve with noise", LakeHuron::model),
                Example.fitting(
                        "survival", "weeks in remission with and without treatment, censored", Remission::model),
                new TwoDirections(),
                new VariationalAutoencoder(),
                new PolicyOptimisation(),
                new Distillation());
    }
}
