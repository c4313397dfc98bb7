package org.iommusim.smmuv3;

import org.iommusim.sim.testkit.CoverageTable;

/** The tests that docs/smmuv3.md names exist. */
class CoverageTableTest extends CoverageTable {
    CoverageTableTest() {
        super("smmuv3.md", 30);
    }
}
