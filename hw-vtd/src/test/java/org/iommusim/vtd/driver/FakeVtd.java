package org.iommusim.vtd.driver;

import java.util.List;
import org.iommusim.hw.driver.FakeIommu;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.spec.BitField;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvText;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/** A VT-d unit of registers and an invalidation queue. */
final class FakeVtd extends FakeIommu {
    private static final int FAULT_RECORDS = 0x220;

    /** Scalable mode with everything that the driver can use. */
    static final Cap SCALABLE = cap(
            new long[] {0, 0},
            List.of(Cap.PSI, Cap.DWD, Cap.DRD, Cap.FS1GP, Cap.ESRTPS),
            List.of(
                    Cap.C, Cap.QI, Cap.DT, Cap.PT, Cap.NEST, Cap.PRS, Cap.PASID, Cap.PDS, Cap.SMTS, Cap.SSTS, Cap.FSTS,
                    Cap.SRS, Cap.SC));
    /** Legacy mode; SRTP does not invalidate. */
    static final Cap LEGACY =
            cap(new long[] {0, 0}, List.of(Cap.PSI, Cap.DWD, Cap.DRD), List.of(Cap.C, Cap.QI, Cap.DT, Cap.PT));

    /** Source id of a device that never answers device TLB invalidations; -1: all answer. */
    int silent = -1;

    FakeVtd(IommuHost host, Cap cap) {
        super(host, "dmar0", "queue", VtdVariables.REGISTER, Reg.BYTES);
        register64(Reg.CAP, cap.cap());
        register64(Reg.ECAP, cap.ecap());
    }

    /** 4-level tables of 48 bits, 2 MiB and 1 GiB pages, 256 domain ids, 8 fault records, 20-bit PASIDs. */
    private static Cap cap(long[] words, List<BitField> cap, List<BitField> ecap) {
        cap.forEach(bit -> bit.put(words, 1));
        ecap.forEach(bit -> bit.put(words, 1));
        Cap.ND.put(words, 2);
        Cap.SAGAW.put(words, 0b100);
        Cap.MGAW.put(words, 47);
        Cap.SSLPS.put(words, 3);
        Cap.MAMV.put(words, 18);
        Cap.NFR.put(words, 7);
        Cap.FRO.put(words, FAULT_RECORDS / 16);
        Cap.IRO.put(words, 0x50);
        Cap.PSS.put(words, 19);
        return new Cap(words[0], words[1]);
    }

    /** Slots of the queue that were taken so far, as long as it has not gone round. */
    int slotsUsed() {
        return (int) (register64(Reg.IQT) >>> Reg.iqShift(register64(Reg.IQA)));
    }

    /** A fault is recorded in a register and told. */
    void fault(int record, long word0, long word1) {
        register64(FAULT_RECORDS + 16 * record, word0);
        register64(FAULT_RECORDS + 16 * record + 8, word1 | 1L << 63);
        if ((register(Reg.FSTS) & Reg.FSTS_PPF) == 0) {
            register(Reg.FSTS, Reg.FSTS_PPF | record << Reg.FSTS_FRI_SHIFT);
        }
        raise("fault");
    }

    @Override
    protected void written(int at, int bytes, long value) {
        if (at == Reg.GCMD) {
            register(Reg.GSTS, (int) value & ~Reg.WBF);
        } else if (at == Reg.FSTS) {
            register(Reg.FSTS, register(Reg.FSTS) & ~((int) value & (0x71 | Reg.FSTS_PPF)));
        } else if (at == Reg.PRS) {
            register(Reg.PRS, register(Reg.PRS) & ~(int) value);
        } else if (bytes == 8) {
            register64(at, value);
        } else {
            boolean freesRecord = at >= FAULT_RECORDS && at % 16 == 12;
            register(at, freesRecord ? register(at) & ~(int) value : (int) value);
        }
        if (at == Reg.IQT || at == Reg.FSTS) {
            consumeSoon();
        }
    }

    @Override
    protected void take() {
        long base = register64(Reg.IQA) & Reg.IQA_BASE;
        int shift = Reg.iqShift(register64(Reg.IQA));
        int stopped = Reg.FSTS_IQE | Reg.FSTS_ITE;
        while (alive && (register(Reg.FSTS) & stopped) == 0 && register64(Reg.IQH) != register64(Reg.IQT)) {
            long head = register64(Reg.IQH);
            long w0 = memory.read64(base + head);
            long w1 = memory.read64(base + head + 8);
            if (illegal.test(Inv.type(w0))) {
                register(Reg.FSTS, register(Reg.FSTS) | Reg.FSTS_IQE);
                break;
            }
            register64(Reg.IQH, (head + (1L << shift)) % Reg.iqBytes(register64(Reg.IQA)));
            execute(w0, w1);
        }
    }

    private void execute(long w0, long w1) {
        int type = Inv.type(w0);
        if (type == Inv.WAIT) {
            if (Inv.SW.isSet(w0)) {
                memory.write(Inv.STATUS_ADDRESS.inPlace(w1), 4, Inv.STATUS_DATA.get(w0));
            }
            if (!Inv.PD.isSet(w0) && !Inv.FN.isSet(w0)) {
                return;
            }
        } else if (type == Inv.DEVICE_TLB && Inv.SID.get(w0) == silent) {
            // The wait behind it is fetched and given up.
            register64(
                    Reg.IQH,
                    (register64(Reg.IQH) + (1L << Reg.iqShift(register64(Reg.IQA))))
                            % Reg.iqBytes(register64(Reg.IQA)));
            register64(Reg.IQERCD, (long) silent << Reg.IQERCD_ITESID_SHIFT);
            register(Reg.FSTS, register(Reg.FSTS) | Reg.FSTS_ITE);
        }
        commands.add(InvText.text(w0, w1));
    }
}
