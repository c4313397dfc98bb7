package org.iommusim.smmuv3.driver;

import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;

/**
 * {@code arm_smmu_gerror_handler}. A command queue that stopped at an illegal command gets a CMD_SYNC in its place
 * ({@code arm_smmu_cmdq_skip_err}); after a failed fetch or a timed-out ATC invalidation the same command is tried again.
 * Writing GERRORN lets the queue go on.
 */
final class GerrorHandler extends Frame {
    static final Program<GerrorHandler> PROGRAM = program();

    private final ArmSmmu smmu;
    private final IntCell gerror = count();
    private final IntCell active = count();
    private final IntCell cons = count();

    private GerrorHandler(ArmSmmu smmu) {
        super(smmu.world());
        this.smmu = smmu;
    }

    static Call<GerrorHandler> call(ArmSmmu smmu) {
        return new Call<>(PROGRAM, new GerrorHandler(smmu));
    }

    private static Program<GerrorHandler> program() {
        Footprint entry = Footprint.of(PhysicalMemory.WORD, Touches.CMDQ);
        return Program.<GerrorHandler>named("arm_smmu_gerror_handler")
                .step("interrupt", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                .step(
                        "read GERROR",
                        HostCost.MMIO_READ,
                        Touches.MMIO,
                        f -> f.gerror.set((int) f.smmu.read32(Reg.GERROR)))
                .step(
                        "read GERRORN",
                        HostCost.MMIO_READ,
                        Touches.MMIO,
                        f -> f.active.set(f.gerror.get() ^ (int) f.smmu.read32(Reg.GERRORN)))
                .when("nothing active", f -> f.active.get() == 0, p -> p.succeed("spurious"))
                .when(
                        "CMDQ_ERR",
                        f -> f.active(Reg.GERROR_CMDQ_ERR),
                        p -> p.step(
                                        "read CMDQ_CONS",
                                        HostCost.MMIO_READ,
                                        Footprint.of(SmmuVariables.REGISTER),
                                        f -> f.cons.set((int) f.smmu.read32(Reg.CMDQ_CONS)))
                                .step("report the command", HostCost.LOCAL, entry, GerrorHandler::report)
                                .when(
                                        "illegal",
                                        f -> f.error() == Reg.CERROR_ILL,
                                        q -> q.step(
                                                "replace it by CMD_SYNC",
                                                HostCost.TABLE_STORE,
                                                entry,
                                                GerrorHandler::replace)))
                .when(
                        "EVENTQ_ABT_ERR",
                        f -> f.active(Reg.GERROR_EVENTQ_ABT_ERR),
                        p -> p.step(
                                "report lost events",
                                HostCost.LOCAL,
                                Footprint.LOCAL,
                                f -> f.smmu.message("EVTQ write aborted -- events may have been lost")))
                .step(
                        "write GERRORN",
                        HostCost.MMIO_WRITE,
                        Touches.MMIO,
                        f -> f.smmu.write32(Reg.GERRORN, f.gerror.get()))
                .build();
    }

    private boolean active(int bit) {
        return (active.get() & bit) != 0;
    }

    private int error() {
        return (cons.get() & Reg.CMDQ_CONS_ERR) >>> Reg.CMDQ_CONS_ERR_SHIFT;
    }

    private void report() {
        long at = smmu.cmdq().consumerAddress(cons.get());
        String command = Cmd.text(smmu.memory().read64(at), smmu.memory().read64(at + 8));
        String why = switch (error()) {
            case Reg.CERROR_NONE -> "no error";
            case Reg.CERROR_ILL -> "illegal command";
            case Reg.CERROR_ABT -> "abort on command fetch, retrying";
            case Reg.CERROR_ATC_INV_SYNC -> "ATC invalidate timeout, retrying";
            default -> "unknown";
        };
        smmu.message("CMDQ error 0x" + Integer.toHexString(error()) + " (" + why + ") at " + command);
    }

    private void replace() {
        long at = smmu.cmdq().consumerAddress(cons.get());
        smmu.memory().write64(at, Cmd.sync0(Cmd.CS_SEV));
        smmu.memory().write64(at + 8, 0);
    }
}
