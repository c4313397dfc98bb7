package org.iommusim.smmuv3.driver;

import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;

/** The entries that the driver writes: {@code arm_smmu_make_*_ste} and {@code arm_smmu_make_s1_cd}. */
final class SteTargets {
    /** Words of a nested domain's first word that user space may give. */
    static final long NESTING_ALLOWED_0 =
            Ste.V.mask() | Ste.CONFIG.mask() | Ste.S1FMT.mask() | Ste.S1CONTEXTPTR.mask() | Ste.S1CDMAX.mask();
    /** Bits of a nested domain's second word that user space may give. */
    static final long NESTING_ALLOWED_1 = Ste.S1DSS.mask()
            | Ste.S1CIR.mask()
            | Ste.S1COR.mask()
            | Ste.S1CSH.mask()
            | Ste.S1STALLD.mask()
            | Ste.EATS.mask();

    private static final int CACHE_WB = 1;
    private static final int CTX_WBRA = 1;
    private static final int SH_INNER = Reg.SH_INNER;

    private SteTargets() {}

    /** {@code arm_smmu_make_cdtable_ste}: stage 1 by a context descriptor of the kernel. */
    static long[] stage1(Smmuv3PagingDomain domain, boolean ats) {
        return withAts(cdTable(domain.smmu().ids(), domain.cd()), ats);
    }

    private static long[] withAts(long[] ste, boolean ats) {
        Ste.EATS.put(ste, ats ? Ste.EATS_TRANS : Ste.EATS_ABORT);
        return ste;
    }

    /** The same for a context descriptor anywhere: a guest's lies at a guest physical address. */
    static long[] cdTable(IdRegs ids, long cd) {
        long[] ste = Ste.valid(Ste.S1);
        Ste.S1CONTEXTPTR.putInPlace(ste, cd);
        Ste.S1CIR.put(ste, CTX_WBRA);
        Ste.S1COR.put(ste, CTX_WBRA);
        Ste.S1CSH.put(ste, SH_INNER);
        Ste.S1STALLD.put(ste, ids.stallModel() == 0 ? 1 : 0); // PCIe devices cannot stall
        return ste;
    }

    /** {@code arm_smmu_make_s2_domain_ste}. */
    static long[] stage2(Smmuv3PagingDomain domain, boolean ats) {
        return withAts(stage2(domain), ats);
    }

    private static long[] stage2(Smmuv3PagingDomain domain) {
        PageTable table = domain.table();
        long[] ste = Ste.valid(Ste.S2);
        Ste.S2FWB.put(ste, ((LpaeFormat) table.format()).forceWriteBack() ? 1 : 0);
        Ste.SHCFG.put(ste, Ste.SHCFG_INCOMING);
        Ste.S2VMID.put(ste, domain.tag());
        Ste.S2T0SZ.put(ste, 64 - table.inputBits());
        Ste.S2SL0.put(ste, 2 - LpaeFormat.startLevel(table));
        Ste.S2IR0.put(ste, CACHE_WB);
        Ste.S2OR0.put(ste, CACHE_WB);
        Ste.S2SH0.put(ste, SH_INNER);
        Ste.S2TG.put(ste, Cd.TG0_4K);
        Ste.S2PS.put(ste, IdRegs.addressCode(table.outputBits()));
        Ste.S2AA64.put(ste, 1);
        Ste.S2PTW.put(ste, 1);
        Ste.S2S.put(ste, domain.smmu().ids().stallModel() == 2 ? 1 : 0);
        Ste.S2R.put(ste, 1);
        Ste.S2TTB.putInPlace(ste, table.root());
        return ste;
    }

    /** {@code arm_smmu_make_nested_domain_ste}: what user space gave, over the parent's stage 2. */
    static long[] nested(NestedDomain domain, boolean ats) {
        long[] user = domain.ste();
        return switch (Ste.V.isSet(user[0]) ? Ste.CONFIG.intIn(user) : Ste.ABORT) {
            case Ste.S1 -> {
                long[] ste = stage2(domain.parent());
                Ste.CONFIG.put(ste, Ste.NESTED);
                ste[0] |= user[0] & ~Ste.CONFIG.mask();
                ste[1] |= user[1];
                Ste.MEV.put(ste, 1); // a guest must not flood the host's event queue
                yield withAts(ste, ats);
            }
            case Ste.BYPASS -> stage2(domain.parent());
            default -> Ste.abort();
        };
    }

    /** {@code arm_smmu_make_s1_cd}, for tables of the host or of a guest. */
    static long[] contextDescriptor(IdRegs ids, PageTable table, int asid) {
        long[] cd = new long[Cd.WORDS];
        Cd.T0SZ.put(cd, 64 - table.inputBits());
        Cd.TG0.put(cd, Cd.TG0_4K);
        Cd.IR0.put(cd, CACHE_WB);
        Cd.OR0.put(cd, CACHE_WB);
        Cd.SH0.put(cd, SH_INNER);
        Cd.EPD1.put(cd, 1);
        Cd.V.put(cd, 1);
        Cd.IPS.put(cd, IdRegs.addressCode(table.outputBits()));
        Cd.AA64.put(cd, 1);
        Cd.S.put(cd, ids.stallModel() == 2 ? 1 : 0);
        Cd.R.put(cd, 1);
        Cd.A.put(cd, 1);
        Cd.ASET.put(cd, 1);
        Cd.ASID.put(cd, asid);
        Cd.TTB0.putInPlace(cd, table.root());
        Cd.MAIR.put(cd, LpaeFormat.MAIR);
        return cd;
    }
}
