package org.iommusim.vtd.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Reg;

/** {@code dmar_fault}: reads the fault recording registers from the first pending one on, and frees each. */
final class FaultThread extends Frame {
    static final Program<FaultThread> PROGRAM = program();

    private final IntelIommu iommu;
    private final IntCell status = count();
    private final IntCell index = count();
    private final LongCell word1 = num();

    private FaultThread(IntelIommu iommu) {
        super(iommu.world());
        this.iommu = iommu;
    }

    static Call<?> call(IntelIommu iommu) {
        return new Call<>(PROGRAM, new FaultThread(iommu));
    }

    private static Program<FaultThread> program() {
        Footprint registers = Touches.MMIO;
        return Program.<FaultThread>named("dmar_fault")
                .step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                .step("read FSTS", HostCost.MMIO_READ, registers, FaultThread::status)
                .when(
                        "PPF",
                        f -> (f.status.get() & Reg.FSTS_PPF) != 0,
                        p -> p.step("read FRCD", HostCost.MMIO_READ, registers, FaultThread::read)
                                .loop(
                                        "F=1",
                                        f -> Frcd.F.isSet(f.word1.get()),
                                        q -> q.step(
                                                        "dmar_fault_do_one",
                                                        HostCost.MMIO_READ,
                                                        registers,
                                                        FaultThread::report)
                                                .step("clear F", HostCost.MMIO_WRITE, registers, FaultThread::clear)
                                                .step(
                                                        "read next FRCD",
                                                        HostCost.MMIO_READ,
                                                        registers,
                                                        FaultThread::read)))
                .when(
                        "anything to clear",
                        f -> (f.status.get() & (Reg.FSTS_PPF | Reg.FSTS_PFO | Reg.FSTS_PRO)) != 0,
                        p -> p.step(
                                "clear PFO, PPF, PRO",
                                HostCost.MMIO_WRITE,
                                registers,
                                f -> f.iommu.write32(Reg.FSTS, Reg.FSTS_PFO | Reg.FSTS_PPF | Reg.FSTS_PRO)))
                .build();
    }

    private void status() {
        status.set((int) iommu.read32(Reg.FSTS));
        index.set((status.get() & Reg.FSTS_FRI) >>> Reg.FSTS_FRI_SHIFT);
        if ((status.get() & Reg.FSTS_PFO) != 0) {
            iommu.message("fault recording overflow: faults lost");
        }
    }

    private int register() {
        return iommu.cap().faultRecordOffset() + index.get() * Frcd.BYTES;
    }

    private void read() {
        word1.set(iommu.read64(register() + 8));
    }

    private void report() {
        long word0 = iommu.read64(register());
        iommu.event(new long[] {word0, word1.get()}, Frcd.text(word0, word1.get()));
    }

    private void clear() {
        iommu.write32(register() + 12, (int) (Frcd.F.mask() >>> 32));
        index.set((index.get() + 1) % iommu.cap().faultRecords());
    }
}
