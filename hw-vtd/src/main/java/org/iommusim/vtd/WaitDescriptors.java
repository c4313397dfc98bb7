package org.iommusim.vtd;

import org.iommusim.hw.control.PendingWaits;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvText;
import org.iommusim.vtd.spec.Reg;

/**
 * What wait descriptors say: a status is written (SW), ICS.IWC is set (IF), nothing is fetched behind one (FN). If IWC was set
 * already, there is no new interrupt.
 *
 * <p>After a time-out of a device TLB (ITE) pending ones are aborted. Software learns of the time-out after a status that is on
 * its way, as reading a register pushes it.
 */
final class WaitDescriptors implements PendingWaits.Client {
    private final ControlUnit unit;
    private final Runnable fenceOver;
    private final Runnable written;

    /**
     * What they say to a unit.
     *
     * @param fenceOver told when a wait with FN is complete, or aborted
     * @param written told when a status has been written
     */
    WaitDescriptors(ControlUnit unit, Runnable fenceOver, Runnable written) {
        this.unit = unit;
        this.fenceOver = fenceOver;
        this.written = written;
    }

    @Override
    public boolean stores(long w0) {
        return Inv.SW.isSet(w0);
    }

    @Override
    public long storeAddress(long w0, long w1) {
        return Inv.STATUS_ADDRESS.inPlace(w1);
    }

    @Override
    public long storeData(long w0, long w1) {
        return Inv.STATUS_DATA.get(w0);
    }

    @Override
    public boolean interrupts(long w0) {
        return Inv.IF.isSet(w0);
    }

    @Override
    public boolean fences(long w0) {
        return Inv.FN.isSet(w0);
    }

    @Override
    public String text(long w0, long w1) {
        return InvText.text(w0, w1);
    }

    @Override
    public void interrupt() {
        RegisterFile registers = unit.registers();
        boolean told = (registers.get(Reg.ICS) & Reg.ICS_IWC) != 0;
        registers.show(Reg.ICS, registers.get(Reg.ICS) | Reg.ICS_IWC);
        if (!told) {
            unit.interrupts().completion().raise();
        }
    }

    @Override
    public void fenceOver() {
        fenceOver.run();
    }

    @Override
    public void stored() {
        written.run();
    }
}
