package org.variational.kernel;

class VectorKernelsTest extends KernelsContract {

    VectorKernelsTest() {
        super(Kernels.vector().orElseThrow());
    }
}
