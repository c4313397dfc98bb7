package org.iommusim.amdvi.vectors;

import org.iommusim.amdvi.format.DteConfig;
import org.iommusim.amdvi.format.DteDecoder;
import org.iommusim.amdvi.format.Gcr3Lookup;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.conform.PlainWalk;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.sim.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Reads a unit's tables as they are in memory now. What cannot be read, or is not legal, is {@code null}. Recorded units have
 * one device table, and no attributes of memory.
 */
final class TableReader {
    private final IommuDevice device;
    private final PlainWalk plain;

    TableReader(IommuDevice device, PhysicalMemory memory) {
        this.device = device;
        plain = new PlainWalk(memory);
    }

    private long control() {
        return device.mmioRead(Reg.CONTROL, 8);
    }

    /** True if requests are looked up at all. */
    boolean translates() {
        return Control.IOMMU_EN.isSet(control());
    }

    /** What the device table entry of a function says. */
    @Nullable
    DteConfig config(int sid) {
        long table = device.mmioRead(Reg.DEV_TAB_BASE, 8);
        if (sid >= Reg.deviceTableEntries(table)) {
            return null;
        }
        long[] words = plain.words(Dte.address(Reg.BASE.inPlace(table), sid), Dte.WORDS);
        Efr efr = new Efr(device.mmioRead(Reg.EFR, 8), device.mmioRead(Reg.EFR2, 8));
        DteConfig config = new DteConfig();
        return words != null && new DteDecoder(efr, false).decode(words, control(), config) ? config : null;
    }

    /** A walk to its leaf, permissions left aside. */
    @Nullable
    WalkState walk(DteConfig config, int pasid, long address) {
        if (pasid < 0 && !config.guestWithoutPasid) {
            return plain.walk(config.host, null, address);
        }
        StageParameters below = config.host.enabled() ? config.host : null;
        StageParameters guest = guestTables(config, Math.max(pasid, 0), below);
        return guest == null ? null : plain.walk(guest, below, address);
    }

    private @Nullable StageParameters guestTables(DteConfig config, int pasid, @Nullable StageParameters below) {
        if (!config.guest || !config.reaches(pasid)) {
            return null;
        }
        Gcr3Lookup lookup = new Gcr3Lookup(config);
        lookup.begin(pasid);
        while (true) {
            long address = lookup.entryAddress();
            WalkState nested = lookup.guestPhysical() && below != null ? plain.walk(below, null, address) : null;
            if (lookup.guestPhysical() && nested == null) {
                return null;
            }
            long[] entry = plain.words(nested == null ? address : nested.output(), 1);
            if (entry == null) {
                return null;
            }
            if (lookup.last()) {
                StageParameters guest = new StageParameters();
                return lookup.guestTables(entry[0], guest) ? guest : null;
            }
            if (!lookup.descend(entry[0])) {
                return null;
            }
        }
    }
}
