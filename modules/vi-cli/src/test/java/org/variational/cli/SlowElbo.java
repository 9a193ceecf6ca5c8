package org.variational.cli;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.variational.VariationalInference;
import org.variational.algorithm.gradient.StochasticGradient;
import org.variational.density.LogDensities;
import org.variational.density.LogDensity;
import org.variational.examples.Example;
import org.variational.examples.ExampleResult;
import org.variational.examples.RunOptions;

/** The command line in a process of its own, with examples that take minutes. */
final class SlowElbo {

    private SlowElbo() {}

    public static void main(String[] args) {
        System.exit(Elbo.run(Elbo.terminal(), List.of(new Slow(), new Deaf()), List.of(), args));
    }

    /** A fit that takes minutes, since every evaluation waits. */
    private record Slow() implements Example {

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public String description() {
            return "a fit";
        }

        @Override
        public ExampleResult run(RunOptions options) {
            LogDensity density = LogDensities.of(1, (x, gradient) -> {
                pause();
                gradient[0] = -x[0];
                return -x[0] * x[0] / 2;
            });
            VariationalInference inference = VariationalInference.of(density).algorithm(StochasticGradient.create());
            return ExampleResult.of(
                    options.applyTo(inference).posteriorDraws(200).run(), "a family", "a divergence");
        }

        private static void pause() {
            try {
                Thread.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Does not listen. */
    private record Deaf() implements Example {

        @Override
        public String name() {
            return "deaf";
        }

        @Override
        public String description() {
            return "nothing";
        }

        @Override
        public ExampleResult run(RunOptions options) {
            System.err.println("deaf: iteration 0,");
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new AssertionError("nobody wakes it");
        }
    }
}
