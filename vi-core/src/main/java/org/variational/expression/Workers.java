package org.variational.expression;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A few daemon threads that run the chunks of a pass together with the caller; idle threads end by themselves. */
final class Workers implements AutoCloseable {

    private static final long IDLE_SECONDS = 1;

    private final ThreadPoolExecutor executor;
    private final Runnable[] tasks;
    private final Semaphore finished = new Semaphore(0);
    private final AtomicInteger nextChunk = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile @Nullable RowRun run;
    private volatile int chunks;

    Workers(int threads) {
        executor = new ThreadPoolExecutor(
                threads - 1, threads - 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "variational-rows");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        tasks = new Runnable[threads];
        for (int i = 1; i < threads; i++) {
            int worker = i;
            tasks[i] = () -> {
                work(worker);
                finished.release();
            };
        }
    }

    /** Runs chunks 0 to {@code chunkCount - 1} of a pass on the caller and {@code workers - 1} threads. */
    void run(int workers, int chunkCount, RowRun rowRun) {
        run = rowRun;
        chunks = chunkCount;
        nextChunk.set(0);
        failure.set(null);
        for (int i = 1; i < workers; i++) {
            executor.execute(tasks[i]);
        }
        work(0);
        finished.acquireUninterruptibly(workers - 1);
        Throwable thrown = failure.get();
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private void work(int worker) {
        RowRun rowRun = run;
        int count = chunks;
        try {
            for (int c = nextChunk.getAndIncrement(); c < count && rowRun != null; c = nextChunk.getAndIncrement()) {
                rowRun.runChunk(worker, c, count);
            }
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        }
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
