package org.variational.information;

import org.variational.kernel.Kernels;

/** Special functions of one number, as accurate as the kernels. */
final class Scalars {
    private static final Kernels KERNELS = Kernels.plain();

    private Scalars() {}

    static double lgamma(double x) {
        double[] value = {x};
        KERNELS.lgamma(1, value, 0, value, 0);
        return value[0];
    }

    static double digamma(double x) {
        double[] value = {x};
        KERNELS.digamma(1, value, 0, value, 0);
        return value[0];
    }
}
