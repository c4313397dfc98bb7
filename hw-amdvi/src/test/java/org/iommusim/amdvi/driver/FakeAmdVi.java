package org.iommusim.amdvi.driver;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.driver.FakeIommu;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.spec.BitField;

/** An AMD-Vi unit of registers and a command buffer; waits are carried out and not remembered. */
final class FakeAmdVi extends FakeIommu {
    /** Everything that the driver can use. */
    static final Efr ALL = efr(
            List.of(Efr.PREF_SUP, Efr.PPR_SUP, Efr.EPH_SUP, Efr.GT_SUP, Efr.IA_SUP, Efr.GIO_SUP),
            List.of(Efr.GCR3_TRP_MODE));
    /** Host tables and nothing else. */
    static final Efr HOST_ONLY = efr(List.of(), List.of());

    /** Every value that was written to the control register. */
    final List<Long> controls = new ArrayList<>();

    FakeAmdVi(IommuHost host, Efr efr) {
        super(host, "iommu0", "commands", AmdViVariables.REGISTER, Reg.BYTES);
        register64(Reg.EFR, efr.efr());
        register64(Reg.EFR2, efr.efr2());
    }

    /** Host tables of up to 6 levels, guest tables of 4 or 5, GCR3 tables of 3, PASIDs of 16 bits. */
    private static Efr efr(List<BitField> first, List<BitField> second) {
        long[] words = new long[2];
        first.forEach(bit -> bit.put(words, 1));
        second.forEach(bit -> bit.put(words, 1));
        Efr.HATS.put(words, 2);
        Efr.GATS.put(words, 1);
        Efr.GLX_SUP.put(words, 2);
        Efr.PAS_MAX.put(words, 15);
        return new Efr(words[0], words[1]);
    }

    /** A record comes into a log and is told. */
    void log(int base, int tail, String source, long w0, long w1) {
        long at = Reg.BASE.inPlace(register64(base)) + register64(tail);
        memory.write64(at, w0);
        memory.write64(at + 8, w1);
        register64(tail, (register64(tail) + Event.BYTES) % (16L << Reg.LEN.getInt(register64(base))));
        register64(Reg.STATUS, register64(Reg.STATUS) | (tail == Reg.EVT_TAIL ? Status.EVT_LOG_INT : Status.PPR_INT));
        raise(source);
    }

    @Override
    protected void written(int at, int size, long value) {
        if (at == Reg.STATUS) {
            register64(at, register64(at) & ~(value & Status.WRITE_1_TO_CLEAR));
        } else {
            register64(at, value);
        }
        if (at == Reg.CONTROL) {
            controls.add(value);
        }
        if (at == Reg.CMD_TAIL) {
            consumeSoon();
        }
    }

    @Override
    protected void take() {
        long base = Reg.BASE.inPlace(register64(Reg.CMD_BUF_BASE));
        long bytes = 16L << Reg.LEN.getInt(register64(Reg.CMD_BUF_BASE));
        boolean on = Control.CMD_BUF_EN.isSet(register64(Reg.CONTROL));
        while (alive && on && register64(Reg.CMD_HEAD) != register64(Reg.CMD_TAIL)) {
            long head = register64(Reg.CMD_HEAD);
            execute(memory.read64(base + head), memory.read64(base + head + 8));
            register64(Reg.CMD_HEAD, (head + Cmd.BYTES) % bytes);
        }
    }

    private void execute(long w0, long w1) {
        if (Cmd.opcode(w0) == Cmd.COMPLETION_WAIT) {
            memory.write64(Cmd.STORE_ADDRESS.inPlace(w0), w1);
        } else {
            commands.add(CmdText.text(w0, w1));
        }
    }
}
