package org.variational.kernel;

class PlainKernelsTest extends KernelsContract {

    PlainKernelsTest() {
        super(Kernels.plain());
    }
}
