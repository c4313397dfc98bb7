package org.iommusim.vtd.format;

import org.iommusim.hw.spec.BitField;
import org.iommusim.vtd.spec.Cap;

/** Capabilities for tests: everything, less or more what a test names. */
final class Units {
    /** Width of physical addresses in these tests. */
    static final int HAW = 46;

    private Units() {}

    /** A unit with everything that this package knows, 48-bit addresses and 20-bit PASIDs. */
    static Cap full() {
        Cap cap = new Cap(0, 0);
        for (BitField field : new BitField[] {
            Cap.FS1GP,
            Cap.FS5LP,
            Cap.PSI,
            Cap.DWD,
            Cap.DRD,
            Cap.C,
            Cap.QI,
            Cap.DT,
            Cap.PT,
            Cap.SC,
            Cap.MTS,
            Cap.NEST,
            Cap.PRS,
            Cap.ERS,
            Cap.SRS,
            Cap.EAFS,
            Cap.PASID,
            Cap.PDS,
            Cap.SMTS,
            Cap.SSADS,
            Cap.SSTS,
            Cap.FSTS,
            Cap.RPS,
            Cap.RPRIVS
        }) {
            cap = with(cap, field, 1);
        }
        cap = with(cap, Cap.SAGAW, 0b1110);
        cap = with(cap, Cap.MGAW, 56);
        cap = with(cap, Cap.SSLPS, 3);
        cap = with(cap, Cap.MAMV, 18);
        return with(cap, Cap.PSS, 19);
    }

    /** The same unit but for one field. */
    static Cap with(Cap cap, BitField field, long value) {
        return field.word() == 0
                ? new Cap(field.with(cap.cap(), value), cap.ecap())
                : new Cap(cap.cap(), field.with(cap.ecap(), value));
    }

    /** Everything but one ability. */
    static Cap without(BitField field) {
        return with(full(), field, 0);
    }
}
