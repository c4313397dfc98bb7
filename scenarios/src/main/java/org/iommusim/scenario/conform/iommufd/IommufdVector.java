package org.iommusim.scenario.conform.iommufd;

import java.util.List;

/**
 * One recorded case.
 *
 * @param id its name
 * @param ops what the recorded program did
 */
record IommufdVector(String id, List<VectorOp> ops) {
    /** Copies the operations. */
    IommufdVector {
        ops = List.copyOf(ops);
    }
}
