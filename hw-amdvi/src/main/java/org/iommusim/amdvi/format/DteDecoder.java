package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.x86.X86Table;

/**
 * Checks a device table entry and decodes it.
 *
 * @param efr what the unit can do: decides what is reserved
 * @param memoryAttributes the unit knows attributes of memory in the entry's bits 6:4, for which there is no feature bit
 */
public record DteDecoder(Efr efr, boolean memoryAttributes) {
    /**
     * Decodes an entry as it was read, all at once.
     *
     * @param control the control register: guest tables count only with {@code GTEn}
     * @return false for an ILLEGAL_DEV_TABLE_ENTRY; then {@code out} blocks
     */
    public boolean decode(long[] words, long control, DteConfig out) {
        out.clear();
        if (!Dte.V.isSet(words[0])) {
            out.kind = DteConfig.FORWARD;
            return true;
        }
        if (reservedBitSet(words) || !values(words, control)) {
            return false;
        }
        flags(words, out);
        if (Dte.TV.isSet(words[0])) {
            out.kind = DteConfig.TRANSLATE;
            out.permissions = permissions(words[0]);
            host(words, out.host);
            guest(words, control, out);
        }
        return true;
    }

    /** True if an entry is illegal because a bit that is reserved is set. */
    public boolean reservedBitSet(long[] words) {
        long set = 0;
        for (int word = 0; word < Dte.WORDS; word++) {
            set |= words[word] & Dte.reserved(word, efr, memoryAttributes);
        }
        return set != 0;
    }

    /** Reserved values, and levels that the unit does not have; with or without TV. */
    private boolean values(long[] words, long control) {
        boolean interrupts = !Dte.IV.isSet(words[2]) || Dte.INT_CTL.intIn(words) != Dte.INTCTL_RESERVED;
        return interrupts
                && Dte.MODE.intIn(words) <= efr.hostLevels()
                && (!hasGuest(words[0], control) || guestValues(words));
    }

    private boolean guestValues(long[] words) {
        int mode = Dte.GUEST_PAGING_MODE.intIn(words);
        return Dte.GLX.intIn(words) != Dte.GLX_RESERVED
                && Dte.GLX.intIn(words) < efr.gcr3Levels()
                && mode <= Dte.GUEST_5_LEVEL
                && mode + 4 <= efr.guestLevels();
    }

    private boolean hasGuest(long w0, long control) {
        return efr.gt() && Control.GT_EN.isSet(control) && Dte.GV.isSet(w0);
    }

    /** What counts with or without TV. */
    private static void flags(long[] words, DteConfig out) {
        out.domainId = Dte.DOMAIN_ID.intIn(words);
        out.ats = Dte.I.isSet(words[1]);
        out.ppr = Dte.PPR.isSet(words[0]);
        out.gprp = Dte.GPRP.isSet(words[0]);
        out.suppressRepeated = Dte.SE.isSet(words[1]);
        out.suppressAll = Dte.SA.isSet(words[1]);
        out.exclusion = Dte.EX.isSet(words[1]);
        out.sysMgt = Dte.SYS_MGT.intIn(words);
    }

    private static int permissions(long w0) {
        int reads = Dte.IR.isSet(w0) ? Access.READ | Access.EXECUTE : 0;
        return Access.both(reads | (Dte.IW.isSet(w0) ? Access.WRITE : 0));
    }

    private void host(long[] words, StageParameters p) {
        int levels = Dte.MODE.intIn(words);
        if (levels == 0) {
            return;
        }
        p.format = V1Table.INSTANCE;
        p.root = Dte.HOST_PT_ROOT.inPlace(words[0]);
        p.inputBits = Math.min(Long.SIZE, 12 + 9 * levels);
        p.granuleShift = 12;
        p.startLevel = levels;
        p.outputBits = 52;
        p.tag = Dte.DOMAIN_ID.intIn(words);
        int had = Dte.HAD.intIn(words);
        boolean accessed = efr.ha() && (had & Dte.HAD_ACCESSED) != 0;
        boolean dirty = accessed && efr.hd() && had == Dte.HAD_DIRTY;
        p.flags = (accessed ? V1Table.ACCESSED : 0) | (dirty ? V1Table.DIRTY : 0);
    }

    private void guest(long[] words, long control, DteConfig out) {
        if (!hasGuest(words[0], control)) {
            return;
        }
        out.guest = true;
        out.guestWithoutPasid = efr.gio() && Dte.GIOV.isSet(words[0]);
        out.gcr3 = Dte.gcr3(words[0], words[1]);
        out.gcr3IsGuestPhysical = out.host.enabled() && efr.gcr3Trp() && Control.GCR3_TRP_MODE.isSet(control);
        out.gcr3Levels = Dte.GLX.intIn(words) + 1;
        out.guestLevels = Dte.GUEST_PAGING_MODE.intIn(words) + 4;
        out.guestFlags = X86Table.WP | X86Table.GIGABYTE_PAGES | (efr.nx() ? X86Table.NXE : 0) | leftAlone(control);
    }

    /** Flags of guest tables that the unit is told not to update. */
    private int leftAlone(long control) {
        boolean accessed = efr.guestAccessedDis() && Control.GA_UPDATE_DIS.isSet(control);
        boolean dirty = efr.guestDirtyDis() && Control.GD_UPDATE_DIS.isSet(control);
        return (accessed ? X86Table.LEAVES_ACCESSED : 0) | (dirty ? X86Table.LEAVES_DIRTY : 0);
    }
}
