package org.iommusim.amdvi;

/** What translation and interrupt remapping ask the registers. */
interface UnitState {
    /** The control register: fields of {@link org.iommusim.amdvi.spec.Control}. */
    long control();

    /** Base register of the device table of a segment, 0 to 7: {@link org.iommusim.amdvi.spec.Reg#deviceTableBase}. */
    long deviceTable(int segment);

    /** ExclBase. */
    long exclusionBase();

    /** ExclLimit. */
    long exclusionLimit();
}
