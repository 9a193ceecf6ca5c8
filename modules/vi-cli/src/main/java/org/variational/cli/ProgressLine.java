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
    public void onProgress(Progress progress) {
        // not the fit's own clock: a run may have several fits
        long now = System.nanoTime();
        if (!shown || now - last < INTERVAL_NANOS) {
            return;
        }
        last = now;
        write(String.format(
                Locale.ROOT,
                "%s: %s, %s%.1f s",
                name,
                progress.phase(),
                progress.phase().startsWith("examination")
                        ? String.format(Locale.ROOT, "%.0f %%, ", 100 * progress.fraction())
                        : iteration(progress),
                progress.elapsed().toMillis() / 1000.0));
    }

    private static String iteration(Progress progress) {
        String loss = progress.loss().isEmpty()
                ? ""
                : String.format(Locale.ROOT, "loss %.4g, ", progress.loss().getAsDouble());
        return String.format(Locale.ROOT, "iteration %d, %s", progress.iteration(), loss);
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
