package org.variational.cli;

import java.io.PrintWriter;
import java.util.Locale;
import org.variational.fit.Progress;

/** One line on a terminal that is overwritten while fits run; nothing where nobody watches. */
final class ProgressLine implements Progress.Listener, AutoCloseable {

    private static final long INTERVAL_NANOS = 100_000_000L;

    private final PrintWriter err;
    private final boolean shown;
    private final String name;
    private long last = System.nanoTime() - INTERVAL_NANOS;
    private int width;

    private ProgressLine(PrintWriter err, boolean shown, String name) {
        this.err = err;
        this.shown = shown;
        this.name = name;
    }

    static ProgressLine on(Terminal terminal, String name) {
        return new ProgressLine(terminal.err(), terminal.interactive(), name);
    }

    @Override
    public void onIteration(Progress progress) {
        // not the fit's own clock: a run may have several fits
        long now = System.nanoTime();
        if (!shown || now - last < INTERVAL_NANOS) {
            return;
        }
        last = now;
        write(String.format(
                Locale.ROOT,
                "%s: iteration %d, loss %.4g, %s, %.1f s",
                name,
                progress.iteration(),
                progress.loss(),
                progress.phase(),
                progress.elapsed().toMillis() / 1000.0));
    }

    private void write(String text) {
        err.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
        err.flush();
        width = text.length();
    }

    /** Clears the line. */
    @Override
    public void close() {
        if (width > 0) {
            write("");
            err.print("\r");
            err.flush();
        }
    }
}
