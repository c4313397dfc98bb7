package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.X86Table;

/**
 * The way from a PASID to its guest tables, through 1 to 3 levels of GCR3 table. Reading is the caller's business: where there
 * are host tables, each address that comes out of a GCR3 entry is a guest physical one, and so is that of the table itself if
 * {@link DteConfig#gcr3IsGuestPhysical}. It can be used again.
 */
public final class Gcr3Lookup {
    private final DteConfig config;
    private int pasid;
    private int level;
    private long table;

    /** For lookups in the tables of this configuration, whatever it is by then. */
    public Gcr3Lookup(DteConfig config) {
        this.config = config;
    }

    /**
     * Starts at the first table.
     *
     * @throws IllegalArgumentException if the function has no guest tables, or does not reach the PASID
     */
    public void begin(int wanted) {
        if (!config.guest || !config.reaches(wanted)) {
            throw new IllegalArgumentException("no GCR3 entry for PASID " + wanted);
        }
        pasid = wanted;
        level = config.gcr3Levels - 1;
        table = config.gcr3;
    }

    /** Address of the entry that is to be read next. */
    public long entryAddress() {
        return Gcr3Entry.address(table, level, pasid);
    }

    /** True if the entry that is to be read next leads to the guest tables, not to another GCR3 table. */
    public boolean last() {
        return level == 0;
    }

    /** True if the address of the entry that is to be read next is a guest physical one. */
    public boolean guestPhysical() {
        return config.host.enabled() && (level < config.gcr3Levels - 1 || config.gcr3IsGuestPhysical);
    }

    /**
     * Goes on from an entry that is not the last one.
     *
     * @return false if the entry is not valid
     */
    public boolean descend(long entry) {
        if (last()) {
            throw new IllegalStateException("the last GCR3 entry leads to guest tables");
        }
        level--;
        table = Gcr3Entry.ADDRESS.inPlace(entry);
        return Gcr3Entry.V.isSet(entry);
    }

    /**
     * Takes the last entry.
     *
     * @param out becomes the guest tables of the PASID
     * @return false if the entry is not valid
     */
    public boolean guestTables(long entry, StageParameters out) {
        out.clear();
        if (!Gcr3Entry.V.isSet(entry)) {
            return false;
        }
        out.format = X86Table.INSTANCE;
        out.root = Gcr3Entry.ADDRESS.inPlace(entry);
        out.inputBits = 12 + 9 * config.guestLevels;
        out.granuleShift = 12;
        out.startLevel = config.guestLevels;
        out.outputBits = 52;
        out.flags = config.guestFlags;
        out.tag = pasid;
        return true;
    }
}
