package org.variational.estimator;

import java.util.Arrays;
import org.variational.density.ParameterLayout;

/** Which data row each inferred coordinate belongs to, where it belongs to one. */
final class LocalRows {
    private final int[] rowOf;
    private final boolean any;

    LocalRows(ParameterLayout layout, int rowCount) {
        int[] rows = new int[layout.dimension()];
        int used = 0;
        boolean found = false;
        for (ParameterLayout.Block block : layout.blocks()) {
            if (block.role() == ParameterLayout.Role.OPTIMISED) {
                continue;
            }
            boolean local = block.local() && rowCount > 0 && block.length() > 0;
            found |= local;
            int perRow = local ? block.length() / rowCount : 1;
            for (int i = 0; i < block.length(); i++) {
                rows[used++] = local ? i / perRow : -1;
            }
        }
        this.rowOf = Arrays.copyOf(rows, used);
        this.any = found;
    }

    /** Whether a coordinate belongs to a row. */
    boolean any() {
        return any;
    }

    /** The row of inferred coordinate i, or -1. */
    int rowOf(int i) {
        return rowOf[i];
    }
}
