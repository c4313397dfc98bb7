package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.spec.BitField;

/**
 * Which bits of which registers software can set, by what the unit offers: registers and fields of features that are absent
 * are reserved, read as zero and ignore writes.
 *
 * <p>Never offered, so always reserved: second logs, the SMI filter, memory access routing,
 * hardware error registers, the early warning of PPR log overflow, virtual IOMMUs, and secure nested paging.
 * Reserved, too, are fields whose meaning no source says: HADUpdate (the entry's HAD alone decides), CRW, SlfWBDis,
 * PrivAbrtEn.
 */
final class RegisterMasks {
    private static final long POINTERS = Reg.POINTER.mask();
    private static final long GA_POINTERS = Reg.GA_POINTER.mask();
    private static final long TABLE = Reg.BASE.mask() | Reg.DEV_TAB_SIZE.mask();
    /** Tables of further segments have at most half the size. */
    private static final long SEGMENT_TABLE = Reg.BASE.mask() | 0xff;

    private static final long RING = Reg.BASE.mask() | Reg.LEN.mask();
    private static final long XT = Reg.XT_DEST_MODE.mask()
            | Reg.XT_DEST_LO.mask()
            | Reg.XT_VECTOR.mask()
            | Reg.XT_DELIVERY_MODE.mask()
            | Reg.XT_DEST_HI.mask();
    /** In the upper half; messages go to multiples of 4. */
    private static final long MSI_ADDRESS_LO = 0xffff_fffc_0000_0000L;

    private final Efr efr;
    private final long control;

    RegisterMasks(Efr efr) {
        this.efr = efr;
        control = controlMask(efr);
    }

    /** The bits of a register that software can set; {@code register} is its offset. */
    long settable(int register) {
        return switch (register) {
            case Reg.DEV_TAB_BASE -> TABLE;
            case Reg.CMD_BUF_BASE, Reg.EVT_LOG_BASE -> RING;
            case Reg.CONTROL -> control;
            case Reg.EXCL_BASE -> Reg.EX_EN.mask() | Reg.ALLOW.mask() | Reg.BASE.mask();
            case Reg.EXCL_LIMIT -> Reg.BASE.mask();
            case Reg.CMD_HEAD, Reg.CMD_TAIL, Reg.EVT_HEAD, Reg.EVT_TAIL -> POINTERS;
            case Reg.PPR_LOG_BASE -> efr.ppr() ? RING : 0;
            case Reg.PPR_HEAD, Reg.PPR_TAIL -> efr.ppr() ? POINTERS : 0;
            case Reg.GA_LOG_BASE -> efr.gam() ? RING : 0;
            case Reg.GA_LOG_TAIL_ADDRESS -> efr.gam() ? Reg.GA_TAIL_ADDRESS.mask() : 0;
            case Reg.GA_HEAD, Reg.GA_TAIL -> efr.gam() ? GA_POINTERS : 0;
            case Reg.PPR_AUTO_RSP -> efr.pprAutoRsp() ? Reg.AUTO_RSP_CODE.mask() | Reg.AUTO_RSP_MASK_GN.mask() : 0;
            case Reg.XT_GEN_INT, Reg.XT_PPR_INT -> efr.xt() ? XT : 0;
            case Reg.XT_GA_INT -> efr.xt() && efr.gam() ? XT : 0;
            case RegisterFile.MSI_ADDRESS_WORD -> efr.msiCapMmio() ? MSI_ADDRESS_LO : 0;
            case RegisterFile.MSI_DATA_WORD -> efr.msiCapMmio() ? -1L : 0;
            default -> isSegment(register) ? SEGMENT_TABLE : 0;
        };
    }

    private boolean isSegment(int register) {
        int end = Reg.DEV_TAB_SEG1_BASE + 8 * (efr.deviceTableSegments() - 1);
        return register >= Reg.DEV_TAB_SEG1_BASE && register < end;
    }

    private static long controlMask(Efr efr) {
        long always = fields(
                Control.IOMMU_EN,
                Control.HT_TUN_EN,
                Control.EVENT_LOG_EN,
                Control.EVENT_INT_EN,
                Control.COM_WAIT_INT_EN,
                Control.INV_TIMEOUT,
                Control.PASS_PW,
                Control.RES_PASS_PW,
                Control.COHERENT,
                Control.ISOC,
                Control.CMD_BUF_EN,
                Control.IRT_CACHE_DIS);
        return always
                | offered(efr.ppr(), Control.PPR_LOG_EN, Control.PPR_INT_EN, Control.PPR_EN)
                | offered(efr.ppr() && efr.pprAutoRsp(), Control.PPR_AUTO_RSP_EN, Control.PPR_AUTO_RSP_AON)
                | offered(efr.ppr() && efr.blkStopMrk(), Control.BLK_STOP_MRK_EN)
                | offered(efr.gt(), Control.GT_EN)
                | offered(efr.gt() && efr.guestDirtyDis(), Control.GD_UPDATE_DIS)
                | offered(efr.gt() && efr.guestAccessedDis(), Control.GA_UPDATE_DIS)
                | offered(efr.gcr3Trp(), Control.GCR3_TRP_MODE)
                | offered(efr.ga(), Control.GA_EN)
                | offered(efr.gam(), Control.GAM_EN, Control.GA_LOG_EN, Control.GA_INT_EN)
                | offered(efr.gappi(), Control.GAPPI_EN)
                | offered(efr.xt(), Control.XT_EN, Control.INT_CAP_XT_EN)
                | offered(efr.deviceTableSegments() > 1, Control.DEV_TBL_SEG_EN)
                | offered(efr.interruptsPerFunction() > 512, Control.NUM_INT_REMAP_MODE)
                | offered(efr.ppr() && efr.eph(), Control.EPH_EN);
    }

    private static long offered(boolean offered, BitField... fields) {
        return offered ? fields(fields) : 0;
    }

    private static long fields(BitField... fields) {
        long mask = 0;
        for (BitField field : fields) {
            mask |= field.mask();
        }
        return mask;
    }
}
