package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Reg;

/** Where the device table entry of a function lies: the table may be in segments, by the upper bits of the DeviceID. */
record DeviceTable(UnitState registers) {
    /** Says that a table does not reach an entry. */
    static final long NOWHERE = -1;

    private static final int ID_BITS = 16;
    /** Segments of a code above 8 do not exist. */
    private static final int MOST_SEGMENT_BITS = 3;

    /** Address of an entry, or {@link #NOWHERE}. */
    long address(int deviceId) {
        int bits = Math.min(Control.DEV_TBL_SEG_EN.getInt(registers.control()), MOST_SEGMENT_BITS);
        int inSegment = ID_BITS - bits;
        long base = registers.deviceTable(deviceId >>> inSegment);
        int index = deviceId & (1 << inSegment) - 1;
        return index < Reg.deviceTableEntries(base) ? Dte.address(Reg.BASE.inPlace(base), index) : NOWHERE;
    }
}
