package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/**
 * What a unit can do: its capability registers. The fields' word 0 is CAP, word 1 is ECAP.
 *
 * @param cap CAP
 * @param ecap ECAP
 */
public record Cap(long cap, long ecap) {
    /** 2^(4+2n) domain ids. */
    public static final BitField ND = BitField.of("ND", 0, 2, 0);
    /** Advanced fault logging. */
    public static final BitField AFL = BitField.bit("AFL", 0, 3);
    /** The write buffer must be flushed by software where it sends no invalidation. */
    public static final BitField RWBF = BitField.bit("RWBF", 0, 4);
    /** Protected low memory. */
    public static final BitField PLMR = BitField.bit("PLMR", 0, 5);
    /** Protected high memory. */
    public static final BitField PHMR = BitField.bit("PHMR", 0, 6);
    /** Caching mode: what is not present may be cached too. */
    public static final BitField CM = BitField.bit("CM", 0, 7);
    /** Table levels of the second stage: bit n for n+2 levels. */
    public static final BitField SAGAW = BitField.of("SAGAW", 0, 12, 8);
    /** Widest address of a request, bits, less 1. */
    public static final BitField MGAW = BitField.of("MGAW", 0, 21, 16);
    /** Zero-length reads of write-only pages are allowed. */
    public static final BitField ZLR = BitField.bit("ZLR", 0, 22);
    /** Where the fault recording registers are, in units of 16 bytes. */
    public static final BitField FRO = BitField.of("FRO", 0, 33, 24);
    /** Large pages of the second stage: bit 0 for 2 MiB, bit 1 for 1 GiB. */
    public static final BitField SSLPS = BitField.of("SSLPS", 0, 37, 34);
    /** The IOTLB can be invalidated by page. */
    public static final BitField PSI = BitField.bit("PSI", 0, 39);
    /** Fault recording registers less 1. */
    public static final BitField NFR = BitField.of("NFR", 0, 47, 40);
    /** Widest address mask of an invalidation by page, bits. */
    public static final BitField MAMV = BitField.of("MAMV", 0, 53, 48);
    /** Invalidations can drain writes. */
    public static final BitField DWD = BitField.bit("DWD", 0, 54);
    /** Invalidations can drain reads. */
    public static final BitField DRD = BitField.bit("DRD", 0, 55);
    /** The first stage has 1 GiB pages. */
    public static final BitField FS1GP = BitField.bit("FS1GP", 0, 56);
    /** Posted interrupts. */
    public static final BitField PI = BitField.bit("PI", 0, 59);
    /** The first stage can have 5 levels. */
    public static final BitField FS5LP = BitField.bit("FS5LP", 0, 60);
    /** Enhanced commands. */
    public static final BitField ECMDS = BitField.bit("ECMDS", 0, 61);
    /** Setting the interrupt remapping table invalidates what was cached. */
    public static final BitField ESIRTPS = BitField.bit("ESIRTPS", 0, 62);
    /** Setting the root table invalidates all translation caches. */
    public static final BitField ESRTPS = BitField.bit("ESRTPS", 0, 63);
    /** Accesses to tables are coherent with the processors' caches. */
    public static final BitField C = BitField.bit("C", 1, 0);
    /** Queued invalidation. */
    public static final BitField QI = BitField.bit("QI", 1, 1);
    /** Device TLBs. */
    public static final BitField DT = BitField.bit("DT", 1, 2);
    /** Interrupt remapping. */
    public static final BitField IR = BitField.bit("IR", 1, 3);
    /** Extended interrupt mode: 32-bit destinations. */
    public static final BitField EIM = BitField.bit("EIM", 1, 4);
    /** Pass-through. */
    public static final BitField PT = BitField.bit("PT", 1, 6);
    /** Snoop control: a second-stage leaf may force snooping. */
    public static final BitField SC = BitField.bit("SC", 1, 7);
    /** Where the invalidation registers are, in units of 16 bytes. */
    public static final BitField IRO = BitField.of("IRO", 1, 17, 8);
    /** Widest mask of an interrupt entry invalidation, bits. */
    public static final BitField MHMV = BitField.of("MHMV", 1, 23, 20);
    /** Memory types. */
    public static final BitField MTS = BitField.bit("MTS", 1, 25);
    /** Nested translation. */
    public static final BitField NEST = BitField.bit("NEST", 1, 26);
    /** Page requests. */
    public static final BitField PRS = BitField.bit("PRS", 1, 29);
    /** Execute requests. */
    public static final BitField ERS = BitField.bit("ERS", 1, 30);
    /** Supervisor requests. */
    public static final BitField SRS = BitField.bit("SRS", 1, 31);
    /** The no-write flag of translation requests counts. */
    public static final BitField NWFS = BitField.bit("NWFS", 1, 33);
    /** Extended accessed flag. */
    public static final BitField EAFS = BitField.bit("EAFS", 1, 34);
    /** Width of a PASID, bits, less 1. */
    public static final BitField PSS = BitField.of("PSS", 1, 39, 35);
    /** Requests may carry a PASID. */
    public static final BitField PASID = BitField.bit("PASID", 1, 40);
    /** Throttling of device TLB invalidations. */
    public static final BitField DIT = BitField.bit("DIT", 1, 41);
    /** A wait descriptor can drain page requests. */
    public static final BitField PDS = BitField.bit("PDS", 1, 42);
    /** Scalable mode. */
    public static final BitField SMTS = BitField.bit("SMTS", 1, 43);
    /** Virtual commands. */
    public static final BitField VCS = BitField.bit("VCS", 1, 44);
    /** Accessed and dirty flags in the second stage. */
    public static final BitField SSADS = BitField.bit("SSADS", 1, 45);
    /** Second-stage translation in scalable mode. */
    public static final BitField SSTS = BitField.bit("SSTS", 1, 46);
    /** First-stage translation. */
    public static final BitField FSTS = BitField.bit("FSTS", 1, 47);
    /** Page walks may be coherent in scalable mode. */
    public static final BitField SMPWCS = BitField.bit("SMPWCS", 1, 48);
    /** The PASID of requests without one can be chosen (RID_PASID); otherwise it is 0. */
    public static final BitField RPS = BitField.bit("RPS", 1, 49);
    /** Performance monitoring. */
    public static final BitField PMS = BitField.bit("PMS", 1, 51);
    /** A mode that aborts every DMA. */
    public static final BitField ADMS = BitField.bit("ADMS", 1, 52);
    /** The privilege of requests without PASID can be chosen (RID_PRIV). */
    public static final BitField RPRIVS = BitField.bit("RPRIVS", 1, 53);

    private boolean has(BitField field) {
        return field.isSet(field.word() == 0 ? cap : ecap);
    }

    /** Number of domain ids. */
    public int domainIds() {
        return 1 << Math.min(16, 4 + 2 * ND.getInt(cap));
    }

    /** True if the second stage may have so many levels, 3 to 5. */
    public boolean levels(int levels) {
        return levels >= 3 && levels <= 5 && (SAGAW.getInt(cap) >>> levels - 2 & 1) != 0;
    }

    /** Width of the widest address of a request, bits. */
    public int mgawBits() {
        return MGAW.getInt(cap) + 1;
    }

    /** Offset of the first fault recording register, bytes. */
    public int faultRecordOffset() {
        return FRO.getInt(cap) * 16;
    }

    /** Number of fault recording registers. */
    public int faultRecords() {
        return NFR.getInt(cap) + 1;
    }

    /** The second stage may have leaves of 2 MiB. */
    public boolean ss2m() {
        return (SSLPS.getInt(cap) & 1) != 0;
    }

    /** The second stage may have leaves of 1 GiB. */
    public boolean ss1g() {
        return (SSLPS.getInt(cap) & 2) != 0;
    }

    /** Offset of the invalidation registers, bytes. */
    public int iotlbOffset() {
        return IRO.getInt(ecap) * 16;
    }

    /** Width of a PASID, bits. */
    public int pasidBits() {
        return PSS.getInt(ecap) + 1;
    }

    /** Advanced fault logging. */
    public boolean afl() {
        return has(AFL);
    }

    /** The write buffer must be flushed by software where it sends no invalidation. */
    public boolean rwbf() {
        return has(RWBF);
    }

    /** Protected low memory. */
    public boolean plmr() {
        return has(PLMR);
    }

    /** Protected high memory. */
    public boolean phmr() {
        return has(PHMR);
    }

    /** Caching mode: what is not present may be cached too. */
    public boolean cm() {
        return has(CM);
    }

    /** Zero-length reads of write-only pages are allowed. */
    public boolean zlr() {
        return has(ZLR);
    }

    /** The IOTLB can be invalidated by page. */
    public boolean psi() {
        return has(PSI);
    }

    /** Widest address mask of an invalidation by page, bits. */
    public int mamv() {
        return MAMV.getInt(cap);
    }

    /** Invalidations can drain writes. */
    public boolean dwd() {
        return has(DWD);
    }

    /** Invalidations can drain reads. */
    public boolean drd() {
        return has(DRD);
    }

    /** The first stage has 1 GiB pages. */
    public boolean fs1gp() {
        return has(FS1GP);
    }

    /** Posted interrupts. */
    public boolean pi() {
        return has(PI);
    }

    /** The first stage can have 5 levels. */
    public boolean fs5lp() {
        return has(FS5LP);
    }

    /** Enhanced commands. */
    public boolean ecmds() {
        return has(ECMDS);
    }

    /** Setting the interrupt remapping table invalidates what was cached. */
    public boolean esirtps() {
        return has(ESIRTPS);
    }

    /** Setting the root table invalidates all translation caches. */
    public boolean esrtps() {
        return has(ESRTPS);
    }

    /** Accesses to tables are coherent with the processors' caches. */
    public boolean coherent() {
        return has(C);
    }

    /** Queued invalidation. */
    public boolean qi() {
        return has(QI);
    }

    /** Device TLBs. */
    public boolean dt() {
        return has(DT);
    }

    /** Interrupt remapping. */
    public boolean ir() {
        return has(IR);
    }

    /** Extended interrupt mode: 32-bit destinations. */
    public boolean eim() {
        return has(EIM);
    }

    /** Pass-through. */
    public boolean pt() {
        return has(PT);
    }

    /** Snoop control: a second-stage leaf may force snooping. */
    public boolean sc() {
        return has(SC);
    }

    /** Widest mask of an interrupt entry invalidation, bits. */
    public int mhmv() {
        return MHMV.getInt(ecap);
    }

    /** Memory types. */
    public boolean mts() {
        return has(MTS);
    }

    /** Nested translation. */
    public boolean nest() {
        return has(NEST);
    }

    /** Page requests. */
    public boolean prs() {
        return has(PRS);
    }

    /** Execute requests. */
    public boolean ers() {
        return has(ERS);
    }

    /** Supervisor requests. */
    public boolean srs() {
        return has(SRS);
    }

    /** The no-write flag of translation requests counts. */
    public boolean nwfs() {
        return has(NWFS);
    }

    /** Extended accessed flag. */
    public boolean eafs() {
        return has(EAFS);
    }

    /** Requests may carry a PASID. */
    public boolean pasid() {
        return has(PASID);
    }

    /** Throttling of device TLB invalidations. */
    public boolean dit() {
        return has(DIT);
    }

    /** A wait descriptor can drain page requests. */
    public boolean pds() {
        return has(PDS);
    }

    /** Scalable mode. */
    public boolean smts() {
        return has(SMTS);
    }

    /** Virtual commands. */
    public boolean vcs() {
        return has(VCS);
    }

    /** Accessed and dirty flags in the second stage. */
    public boolean ssads() {
        return has(SSADS);
    }

    /** Second-stage translation in scalable mode. */
    public boolean ssts() {
        return has(SSTS);
    }

    /** First-stage translation. */
    public boolean fsts() {
        return has(FSTS);
    }

    /** Page walks may be coherent in scalable mode. */
    public boolean smpwcs() {
        return has(SMPWCS);
    }

    /** The PASID of requests without one can be chosen (RID_PASID); otherwise it is 0. */
    public boolean rps() {
        return has(RPS);
    }

    /** Performance monitoring. */
    public boolean pms() {
        return has(PMS);
    }

    /** A mode that aborts every DMA. */
    public boolean adms() {
        return has(ADMS);
    }

    /** The privilege of requests without PASID can be chosen (RID_PRIV). */
    public boolean rprivs() {
        return has(RPRIVS);
    }
}
