package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.control.PendingWaits;

/**
 * What COMPLETION_WAIT says: its second word is stored (s), ComWaitInt is set (i), nothing is fetched behind it (f); in this
 * order when it is complete.
 */
final class WaitCommands implements PendingWaits.Client {
    private final UnitStatus status;
    private final Runnable fenceOver;

    /**
     * What they say to a unit.
     *
     * @param fenceOver told when one with f is complete, or aborted
     */
    WaitCommands(UnitStatus status, Runnable fenceOver) {
        this.status = status;
        this.fenceOver = fenceOver;
    }

    @Override
    public boolean stores(long w0) {
        return Cmd.S_STORE.isSet(w0);
    }

    @Override
    public long storeAddress(long w0, long w1) {
        return Cmd.STORE_ADDRESS.inPlace(w0);
    }

    @Override
    public long storeData(long w0, long w1) {
        return w1;
    }

    @Override
    public boolean interrupts(long w0) {
        return Cmd.I_INTERRUPT.isSet(w0);
    }

    @Override
    public boolean fences(long w0) {
        return Cmd.F_FLUSH.isSet(w0);
    }

    @Override
    public String text(long w0, long w1) {
        return CmdText.text(w0, w1);
    }

    @Override
    public void interrupt() {
        status.raise(Status.COM_WAIT_INT);
    }

    @Override
    public void fenceOver() {
        fenceOver.run();
    }
}
