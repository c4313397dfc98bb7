package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.FakeIommu;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.queue.RingIndex;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;

/** An SMMU of registers and a command queue; CMD_SYNC is remembered as {@code SYNC}. */
final class FakeSmmu extends FakeIommu {
    /** An SMMU with everything that the driver can use: both stages, 4K, 44 bits, MSI, RIL, 2^8 streams. */
    static final IdRegs ALL = new IdRegs(
            0x3 | 2 << 2 | 1 << 4 | 1 << 12 | 1 << 13 | 1 << 18 | 2 << 21 | 1 << 24 | 1 << 26,
            8 | 8 << 6 | 7 << 16 | 8 << 21,
            0,
            1 << 2 | 1 << 10,
            0,
            IdRegs.addressCode(44) | 7 << 4,
            0x43b,
            2);
    /** The same without range invalidation and MSI. */
    static final IdRegs PLAIN = new IdRegs(ALL.idr0() & ~(1 << 13), ALL.idr1(), 0, 1 << 2, 0, ALL.idr5(), 0x43b, 2);

    /** False: CR0 is never acknowledged. */
    boolean acknowledges = true;

    FakeSmmu(IommuHost host, IdRegs ids) {
        super(host, "smmu0", "cmdq", SmmuVariables.REGISTER, Reg.BYTES);
        int[] values = {ids.idr0(), ids.idr1(), ids.idr2(), ids.idr3(), ids.idr4(), ids.idr5(), ids.iidr(), ids.aidr()};
        for (int i = 0; i < values.length; i++) {
            register(4 * i, values[i]);
        }
    }

    @Override
    protected void written(int at, int bytes, long value) {
        register(at, (int) value);
        if (bytes == 8) {
            register(at + 4, (int) (value >>> 32));
        }
        switch (at) {
            case Reg.CR0 -> register(Reg.CR0ACK, acknowledges ? (int) value : ~(int) value);
            case Reg.IRQ_CTRL -> register(Reg.IRQ_CTRLACK, (int) value);
            case Reg.GBPA -> register(Reg.GBPA, (int) value & ~Reg.GBPA_UPDATE);
            case Reg.CMDQ_PROD, Reg.GERRORN -> consumeSoon();
            default -> {}
        }
    }

    @Override
    protected void take() {
        int log2 = register(Reg.CMDQ_BASE) & 0x1f;
        long base = (register(Reg.CMDQ_BASE) & 0xffff_ffe0L) | (long) (register(Reg.CMDQ_BASE + 4) & 0xfffff) << 32;
        while (alive && (register(Reg.CR0) & Reg.CR0_CMDQEN) != 0 && register(Reg.GERROR) == register(Reg.GERRORN)) {
            int cons = register(Reg.CMDQ_CONS) & Reg.Q_INDEX;
            if (RingIndex.empty(register(Reg.CMDQ_PROD), cons, log2)) {
                break;
            }
            long at = base + ((long) RingIndex.entry(cons, log2) << Cmd.SHIFT);
            long w0 = memory.read64(at);
            long w1 = memory.read64(at + 8);
            if (illegal.test(Cmd.opcode(w0))) {
                register(Reg.CMDQ_CONS, cons | Reg.CERROR_ILL << Reg.CMDQ_CONS_ERR_SHIFT);
                register(Reg.GERROR, register(Reg.GERROR) ^ Reg.GERROR_CMDQ_ERR);
                raise("gerror");
                break;
            }
            commands.add(Cmd.text(w0, w1));
            if (Cmd.opcode(w0) == Cmd.SYNC && Cmd.SYNC_CS.getInt(w0) == Cmd.CS_IRQ) {
                memory.write(Cmd.SYNC_MSIADDR.inPlace(w1), 4, Cmd.SYNC_MSIDATA.get(w0));
            }
            register(Reg.CMDQ_CONS, RingIndex.next(cons, log2));
        }
    }
}
