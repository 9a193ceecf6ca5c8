package org.variational.lab.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongFunction;

/** Independent pieces of work on a fixed number of threads. */
final class Parallel {

    private Parallel() {}

    /**
     * Applies a function to consecutive numbers.
     *
     * @param threads how many are worked on at the same time
     * @param first the first number
     * @param count how many there are
     * @param work called by several threads at once
     * @return the results in order
     * @throws CancellationException if the thread is interrupted
     */
    static <T> List<T> map(int threads, long first, int count, LongFunction<T> work) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long number = first + i;
                tasks.add(() -> work.apply(number));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : pool.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }
}
