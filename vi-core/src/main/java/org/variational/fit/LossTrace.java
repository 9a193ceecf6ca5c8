package org.variational.fit;

import java.util.ArrayList;
import java.util.List;

/**
 * The loss over the iterations, thinned: means over blocks of equal length, which doubles when there are too many
 * blocks.
 *
 * @param iterations the last iteration of every block, increasing
 * @param losses the mean of the losses in every block that could be used; NaN if none could
 */
public record LossTrace(List<Long> iterations, List<Double> losses) {

    private static final int CAPACITY = 2048;

    /** Copies the lists. */
    public LossTrace {
        iterations = List.copyOf(iterations);
        losses = List.copyOf(losses);
    }

    /** A trace in the making. */
    static final class Recorder {

        private final List<double[]> blocks = new ArrayList<>();
        private long blockLength = 1;
        private double sum;
        private long used;
        private long inBlock;
        private long iteration;

        void add(double loss) {
            iteration++;
            inBlock++;
            if (!Double.isNaN(loss)) {
                sum += loss;
                used++;
            }
            if (inBlock == blockLength) {
                close();
                if (blocks.size() == CAPACITY) {
                    join();
                }
            }
        }

        private void close() {
            blocks.add(new double[] {iteration, sum, used});
            sum = 0;
            used = 0;
            inBlock = 0;
        }

        private void join() {
            for (int b = 0; b < CAPACITY / 2; b++) {
                double[] first = blocks.get(2 * b);
                double[] second = blocks.get(2 * b + 1);
                blocks.set(b, new double[] {second[0], first[1] + second[1], first[2] + second[2]});
            }
            blocks.subList(CAPACITY / 2, CAPACITY).clear();
            blockLength *= 2;
        }

        LossTrace trace() {
            if (inBlock > 0) {
                close();
            }
            List<Long> iterations = new ArrayList<>(blocks.size());
            List<Double> losses = new ArrayList<>(blocks.size());
            for (double[] block : blocks) {
                iterations.add((long) block[0]);
                losses.add(block[1] / block[2]);
            }
            return new LossTrace(iterations, losses);
        }
    }
}
