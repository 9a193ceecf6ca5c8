package org.variational.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.variational.fit.Cancellation;

/**
 * Ends a run that is interrupted, by Ctrl-C or a request to terminate, with its best answer so far: the virtual machine
 * is held until the answer is out, for a while at most. A second interruption ends it at once.
 */
final class Interruption {

    private static final long PATIENCE_SECONDS = 30;
    private static final long POLL_MILLIS = 50;

    private final Terminal terminal;
    private final Cancellation cancellation = new Cancellation();
    private final CountDownLatch delivered = new CountDownLatch(1);
    private @Nullable Thread hook;

    Interruption(Terminal terminal) {
        this.terminal = terminal;
    }

    /** From now on, an interruption cancels; without this, it ends the virtual machine as usual. */
    Cancellation watched() {
        hook = new Thread(this::hold, "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
        return cancellation;
    }

    /** To be called when everything is written: the exit code, which is another after an interruption. */
    int exitCode(int code) {
        if (hook == null) {
            return code;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
            return code;
        } catch (IllegalStateException e) {
            // the virtual machine is on its way down, and waits for this
            delivered.countDown();
            return ExitCode.INTERRUPTED.value();
        }
    }

    /** Runs as a shutdown hook, while the main thread still works. */
    private void hold() {
        cancellation.cancel();
        say("interrupted; ending with the best answer so far (interrupt again to end at once)");
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            while (!delivered.await(POLL_MILLIS, TimeUnit.MILLISECONDS) && !interruptedAgain()) {
                if (System.nanoTime() > end) {
                    say("there was no answer within " + PATIENCE_SECONDS + " s");
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(ExitCode.INTERRUPTED.value());
    }

    private void say(String message) {
        terminal.err().println((terminal.interactive() ? "\n" : "") + "elbo: " + message);
        terminal.err().flush();
    }

    /**
     * While the virtual machine goes down, each signal is a thread that waits: the first for this hook, the others for
     * the first. There is no public way to see a signal.
     */
    private static boolean interruptedAgain() {
        return Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().matches("SIG(INT|TERM|HUP) handler"))
                        .count()
                > 1;
    }
}
