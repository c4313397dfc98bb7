package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.smmuv3.spec.Ste;

/**
 * A stream's configuration, decoded: what an entry of a configuration cache holds. {@link SteDecoder} fills the first
 * part and {@code stage2}, {@link CdDecoder} the second and both halves of stage 1. Plain fields, reused.
 */
public final class StreamConfig {
    // ---- from the STE
    /** {@link Ste#ABORT}, {@link Ste#BYPASS}, {@link Ste#S1}, {@link Ste#S2} or {@link Ste#NESTED}. */
    public int kind;
    /** Address of the CD or CD table; an IPA if stage 2 is on. */
    public long s1ContextPtr;
    /** log2 of the number of CDs; 0: one, and no SubstreamIDs. */
    public int s1CdMax;
    /** Layout of the CD table. */
    public int s1Fmt;
    /** What a transaction without SubstreamID does if there are several CDs. */
    public int s1Dss;
    /** Stage 1 may not stall. */
    public boolean s1Stalld;
    /** ATS behaviour, {@link Ste#EATS_ABORT} ...; always that without ATS or in bypass. */
    public int eats;
    /** StreamWorld, {@link Ste#STRW_NSEL1} or {@link Ste#STRW_EL2}. */
    public int strw;
    /** The StreamWorld is EL2 with the host's regime (CR2.E2H): two halves, ASIDs and privilege levels. */
    public boolean e2h;
    /** Events may be merged. */
    public boolean mev;
    /** Shareability where stage 1 does not say it. */
    public int shcfg;
    /** Override of privilege: 0 or 1 incoming, 2 unprivileged, 3 privileged. */
    public int privCfg;
    /** Override of instruction or data: 0 or 1 incoming, 2 data, 3 instruction. */
    public int instCfg;
    /** Tag of the virtual machine; 0 without stage 2 support. */
    public int vmid;
    /** Stage 2 faults are recorded. */
    public boolean s2Record;
    /** Stage 2 faults stall. */
    public boolean s2Stall;
    /** Stage 1 walks through Device memory fault at stage 2. */
    public boolean s2Ptw;
    /** Stage 2; bypassed unless {@link #kind} has it. */
    public final StageParameters stage2 = new StageParameters();

    // ---- from the CD
    /** Tag of the address space. */
    public int asid;
    /** The ASID is not shared with the CPUs' set. */
    public boolean aset;
    /** Stage 1 faults are recorded. */
    public boolean s1Record;
    /** Stage 1 faults stall. */
    public boolean s1Stall;
    /** Terminated transactions are aborted; otherwise they read zero and write nothing. */
    public boolean s1Abort;
    /** Stage 1, addresses with bit 55 clear; bypassed until a CD is decoded. */
    public final StageParameters stage1Low = new StageParameters();
    /** Stage 1, addresses with bit 55 set; bypassed until a CD is decoded. */
    public final StageParameters stage1High = new StageParameters();

    /** True if the stream has a stage 1. */
    public boolean hasStage1() {
        return kind == Ste.S1 || kind == Ste.NESTED;
    }

    /** True if the stream has a stage 2. */
    public boolean hasStage2() {
        return kind == Ste.S2 || kind == Ste.NESTED;
    }

    /** True if stage-1 translations belong to EL2, and not to a VM. */
    public boolean el2() {
        return strw == Ste.STRW_EL2;
    }

    /** The half of stage 1 that an address belongs to; the format checks whether it really lies there. */
    public StageParameters stage1For(long address) {
        return (address >>> 55 & 1) == 0 ? stage1Low : stage1High;
    }

    /** Takes over everything of another. */
    public void copyFrom(StreamConfig other) {
        kind = other.kind;
        s1ContextPtr = other.s1ContextPtr;
        s1CdMax = other.s1CdMax;
        s1Fmt = other.s1Fmt;
        s1Dss = other.s1Dss;
        s1Stalld = other.s1Stalld;
        eats = other.eats;
        strw = other.strw;
        e2h = other.e2h;
        mev = other.mev;
        shcfg = other.shcfg;
        privCfg = other.privCfg;
        instCfg = other.instCfg;
        vmid = other.vmid;
        s2Record = other.s2Record;
        s2Stall = other.s2Stall;
        s2Ptw = other.s2Ptw;
        stage2.copyFrom(other.stage2);
        asid = other.asid;
        aset = other.aset;
        s1Record = other.s1Record;
        s1Stall = other.s1Stall;
        s1Abort = other.s1Abort;
        stage1Low.copyFrom(other.stage1Low);
        stage1High.copyFrom(other.stage1High);
    }

    /** An aborting configuration with everything else zero. */
    public void clear() {
        kind = Ste.ABORT;
        s1ContextPtr = 0;
        s1CdMax = 0;
        s1Fmt = 0;
        s1Dss = 0;
        s1Stalld = false;
        eats = 0;
        strw = 0;
        e2h = false;
        mev = false;
        shcfg = 0;
        privCfg = 0;
        instCfg = 0;
        vmid = 0;
        s2Record = false;
        s2Stall = false;
        s2Ptw = false;
        stage2.clear();
        clearCd();
    }

    /** Forgets what a CD said. */
    public void clearCd() {
        asid = 0;
        aset = false;
        s1Record = false;
        s1Stall = false;
        s1Abort = false;
        stage1Low.clear();
        stage1High.clear();
    }
}
