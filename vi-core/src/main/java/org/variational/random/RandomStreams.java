package org.variational.random;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Independent streams of random numbers, all determined by one seed.
 *
 * <p>A stream is named by a purpose and an index, so that what one part of a fit draws never depends on how much
 * another part drew, nor on the number of threads. The stream {@code (seed, purpose, index)} is an {@code
 * L64X128MixRandom} created from the 64-bit key
 * <pre>{@code key = mix(mix(mix(seed + G) ^ fnv1a(purpose)) + G * (index + 1))}</pre>
 * where {@code G = 0x9E3779B97F4A7C15}, {@code mix} is the finaliser of SplitMix64 and {@code fnv1a} the 64-bit FNV-1a
 * hash of the purpose's UTF-16 code units, low byte first. Two of n streams share a key with probability about {@code
 * n^2 / 2^65}.
 *
 * <p>A generator's state cannot be read, so that code that must resume from a checkpoint uses one stream per batch (the
 * index is the batch) and saves the seed and the index.
 *
 * @param seed the seed; every value is good
 * @see <a href="https://doi.org/10.1145/3485525">Steele and Vigna (2021), LXM: better splittable pseudorandom number
 *     generators</a>
 */
public record RandomStreams(long seed) {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
            RandomGeneratorFactory.of("L64X128MixRandom");

    /**
     * The streams of a seed.
     *
     * @param seed the seed; every value is good
     */
    public static RandomStreams of(long seed) {
        return new RandomStreams(seed);
    }

    /**
     * A new generator at the start of a stream.
     *
     * @param purpose what the numbers are for, such as {@code "noise"}
     * @param index which of the purpose's streams, such as the number of the batch
     * @return a generator; two calls with the same arguments give the same numbers
     */
    public RandomGenerator generator(String purpose, long index) {
        return FACTORY.create(key(purpose, index));
    }

    /**
     * The streams of a part of the work that has streams of its own, such as one of several starts.
     *
     * @param purpose what the part does
     * @param index which of the parts
     * @return streams that share no key with these, up to the chance stated above
     */
    public RandomStreams child(String purpose, long index) {
        return new RandomStreams(mix(key(purpose, index) + GOLDEN));
    }

    private long key(String purpose, long index) {
        return mix(mix(mix(seed + GOLDEN) ^ fnv1a(purpose)) + GOLDEN * (index + 1));
    }

    /** Stafford's variant 13 of the 64-bit finaliser, as in SplitMix64. */
    private static long mix(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static long fnv1a(String text) {
        long hash = 0xCBF29CE484222325L;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            hash = (hash ^ (unit & 0xFF)) * 0x100000001B3L;
            hash = (hash ^ (unit >>> 8)) * 0x100000001B3L;
        }
        return hash;
    }
}
