package org.variational.lab.simulated;

import org.variational.lab.simulated.LatentPosterior.Outer;

/**
 * Moments by a Markov chain in outer parameters v and whitened latents u: the latents are {@code mode(v) + L(v)'^-1 u}
 * with the precision {@code L L'} at their mode, so that u is nearly standard normal whatever v is.
 *
 * <p>v moves by proposals independent of where it is, and by a random walk; u moves along the circles of a standard
 * normal, with kicks by what differs from it. Every move is accepted or not, so that the chain is exact.
 */
final class WhitenedChain {

    private static final int BATCHES = 50;
    private static final int DEGREES = 6;
    private static final int CIRCLE_STEPS = 4;
    private static final double WALK = 1.2;

    private final LatentPosterior posterior;
    private final Simulator random;
    private Proposal proposal;
    private double[] outer;
    private double[] white;
    private Inner inner;
    private double logTarget;
    private long tried;
    private long outerMoves;
    private long whiteMoves;

    WhitenedChain(LatentPosterior posterior, long seed) {
        this.posterior = posterior;
        this.random = new Simulator(seed, "chain");
        double[] truth = posterior.outer().stream().mapToDouble(Outer::truth).toArray();
        double[] zeros = new double[posterior.latents().size()];
        double[] start = inner(truth, zeros).mode();
        this.proposal = Proposal.atMode(DEGREES, v -> inner(v, start).logMarginal(), truth);
        this.outer = proposal.centre();
        this.inner = inner(outer, start);
        this.white = random.normals(zeros.length, 0, 1);
        this.logTarget = logTarget(inner, white);
    }

    private Inner inner(double[] v, double[] start) {
        return new Inner(posterior.given(v), start, posterior.band());
    }

    private static double[] latents(Inner inner, double[] white) {
        double[] latents = white.clone();
        inner.factor().solveUpper(latents);
        for (int i = 0; i < latents.length; i++) {
            latents[i] += inner.mode()[i];
        }
        return latents;
    }

    /** The log density of outer parameters and whitened latents. */
    private static double logTarget(Inner inner, double[] white) {
        return inner.given().logDensity(latents(inner, white))
                - 0.5 * inner.factor().logDeterminant();
    }

    private void moveOuter(boolean walk) {
        double[] noise = proposal.noise(random);
        double[] to = walk ? proposal.from(outer, noise, WALK / Math.sqrt(outer.length)) : proposal.at(noise, 1);
        Inner found = inner(to, inner.mode());
        double target = logTarget(found, white);
        double ratio = target - logTarget;
        if (!walk) {
            ratio += proposal.logDensity(outer) - proposal.logDensity(to);
        }
        if (Math.log(random.uniform()) < ratio) {
            outer = to;
            inner = found;
            logTarget = target;
            outerMoves++;
        }
    }

    /** Hamiltonian steps whose free motion is that of a standard normal: a turn in the plane of place and momentum. */
    private void moveWhite() {
        int n = white.length;
        double[] place = white.clone();
        double[] momentum = random.normals(n, 0, 1);
        double before = logTarget - 0.5 * square(momentum);
        double angle = (0.3 + 0.7 * random.uniform()) * Math.PI / (2 * CIRCLE_STEPS);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        Band scratch = new Band(n, posterior.band());
        for (int step = 0; step < CIRCLE_STEPS; step++) {
            kick(place, momentum, angle / 2, scratch);
            for (int i = 0; i < n; i++) {
                double turned = cos * place[i] + sin * momentum[i];
                momentum[i] = cos * momentum[i] - sin * place[i];
                place[i] = turned;
            }
            kick(place, momentum, angle / 2, scratch);
        }
        double target = logTarget(inner, place);
        if (Math.log(random.uniform()) < target - 0.5 * square(momentum) - before) {
            white = place;
            logTarget = target;
            whiteMoves++;
        }
    }

    /** Adds the slope of the target over that of a standard normal. */
    private void kick(double[] place, double[] momentum, double time, Band scratch) {
        double[] slope = new double[place.length];
        inner.given().curvature(latents(inner, place), slope, scratch);
        inner.factor().solveLower(slope);
        for (int i = 0; i < place.length; i++) {
            momentum[i] += time * (slope[i] + place[i]);
        }
    }

    private static double square(double[] x) {
        double sum = 0;
        for (double each : x) {
            sum += each * each;
        }
        return sum;
    }

    private void sweep() {
        moveOuter(tried % 2 == 0);
        moveWhite();
        tried++;
    }

    /** Sweeps that are thrown away, and tell how to propose. */
    private void warmUp(int sweeps) {
        int n = outer.length;
        double[] mean = new double[n];
        double[][] square = new double[n][n];
        for (int s = 0; s < sweeps; s++) {
            sweep();
            for (int i = 0; i < n; i++) {
                mean[i] += outer[i] / sweeps;
                for (int j = 0; j < n; j++) {
                    square[i][j] += outer[i] * outer[j] / sweeps;
                }
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                square[i][j] -= mean[i] * mean[j];
            }
        }
        proposal = Proposal.of(DEGREES, mean, square);
    }

    /** The reference from a chain, by batches of consecutive sweeps. */
    ReferenceTable run(int sweeps, int stride) {
        int few = Math.max(100, sweeps / 20);
        warmUp(few);
        warmUp(few);
        Quantities quantities = new Quantities(posterior, stride);
        int size = quantities.names().size();
        double[] means = new double[size];
        double[] variances = new double[size];
        Batches batches = new Batches(size);
        tried = 0;
        outerMoves = 0;
        whiteMoves = 0;
        int ofBatch = Math.max(1, sweeps / BATCHES);
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int s = 0; s < ofBatch; s++) {
                sweep();
                Conditional known = Conditional.ofKnown(latents(inner, white), posterior.effects());
                quantities.fill(outer, inner.given(), known, means, variances);
                batches.add(1, means, variances);
            }
            batches.endBatch();
        }
        return ReferenceTable.of(
                quantities.names(),
                batches,
                "a Markov chain in outer parameters and whitened latents; " + tried + " sweeps, "
                        + 100 * outerMoves / tried + " % of the moves of the outer parameters and "
                        + 100 * whiteMoves / tried + " % of those of the latents accepted");
    }
}
