package org.variational.kernel;

import java.lang.reflect.InvocationTargetException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which kernels this virtual machine runs. */
final class KernelChoice {

    static final String PROPERTY = "org.variational.kernels";

    static final Kernels PLAIN = new PlainKernels();

    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    /**
     * Operations at one point from which vector kernels repay the second or so that they take to be compiled, over the
     * hundred thousand points of a usual fit.
     */
    private static final long WORTH_VECTORS = 5_000;

    private static volatile @Nullable Kernels preferred;

    private KernelChoice() {}

    /** The choice by the system property, made at the first call; a race makes it twice, with the same outcome. */
    static Kernels preferred() {
        Kernels chosen = preferred;
        if (chosen == null) {
            chosen = choose(System.getProperty(PROPERTY));
            preferred = chosen;
        }
        return chosen;
    }

    static Kernels preferredFor(long operations) {
        boolean free = System.getProperty(PROPERTY) == null;
        return free && operations < WORTH_VECTORS ? PLAIN : preferred();
    }

    static Kernels choose(@Nullable String wanted) {
        if (wanted == null) {
            return vector().orElse(PLAIN);
        }
        switch (wanted) {
            case "plain":
                return PLAIN;
            case "vector":
                return vector().orElseThrow(() -> new IllegalStateException(PROPERTY
                        + "=vector needs vector registers and the module " + VECTOR_MODULE
                        + ": start java with --add-modules " + VECTOR_MODULE));
            default:
                throw new IllegalStateException(PROPERTY + " must be \"plain\" or \"vector\", got \"" + wanted + "\"");
        }
    }

    /** The vector kernels, unless the module is absent or its widest vector holds a single double. */
    static Optional<Kernels> vector() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return Optional.empty();
        }
        try {
            Kernels kernels = (Kernels) Class.forName("org.variational.kernel.VectorKernels")
                    .getDeclaredConstructor()
                    .newInstance();
            return kernels.laneMultiple() > 1 ? Optional.of(kernels) : Optional.empty();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("the vector kernels failed to start", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the vector kernels are missing from the class path", e);
        }
    }
}
