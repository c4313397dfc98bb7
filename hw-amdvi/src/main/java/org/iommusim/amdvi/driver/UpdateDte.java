package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;

/**
 * {@code dev_update_dte}: gives a device another entry, and makes sure that the old one is in use nowhere.
 *
 * <p>{@code update_dte256}: hardware reads an entry of 256 bits at once, software stores 128 bits at once, and hardware may read
 * between the two stores. So the half with V and GV goes last when they are set, and first when they are cleared; the upper half
 * has nothing that counts without GV, but for interrupts, which are kept as they are. Who would change the levels of guest tables
 * that are in use clears the entry first, and waits.
 */
final class UpdateDte extends Frame {
    static final Program<UpdateDte> UPDATE_DTE256 = updateDte256();
    static final Program<UpdateDte> PROGRAM = Program.<UpdateDte>named("dev_update_dte")
            .invoke("update_dte256", f -> new Call<>(UPDATE_DTE256, new UpdateDte(f.dev, f.target)))
            .invoke("device_flush_dte", UpdateDte::flushDevice)
            .invokeIgnoringError("iommu_completion_wait", UpdateDte::awaitAll)
            .build();
    private static final Program<UpdateDte> FLUSH_SYNC = Program.<UpdateDte>named("iommu_flush_dte_sync")
            .invokeIgnoringError("INVALIDATE_DEVTAB_ENTRY", UpdateDte::invalidate)
            .invokeIgnoringError("iommu_completion_wait", UpdateDte::awaitAll)
            .build();

    private static final int HALF_WORDS = 2;
    private static final int LEVELS_CHANGE = 2;

    private final DevData dev;
    private final AmdIommu iommu;
    private final long[] target;
    /** 0: the upper half first; 1: the lower half first; {@link #LEVELS_CHANGE}; 3: the lower half alone. */
    private final IntCell order = count();

    private UpdateDte(DevData dev, long[] target) {
        super(dev.iommu().world());
        this.dev = dev;
        this.iommu = dev.iommu();
        this.target = target;
    }

    /** Writes an entry; {@code target} is not changed any more, and has nothing of interrupts. */
    static Call<?> call(DevData dev, long[] target) {
        return new Call<>(PROGRAM, new UpdateDte(dev, target));
    }

    private static Program<UpdateDte> updateDte256() {
        return Program.<UpdateDte>named("update_dte256")
                .lock("dte_lock", f -> f.dev.dteLock)
                .step("look at V, GV and GuestPagingMode", HostCost.LOCAL, Touches.WORDS, UpdateDte::look)
                .when(
                        "guest levels change",
                        f -> f.order.get() == LEVELS_CHANGE,
                        p -> p.step("clear the lower half", HostCost.TABLE_STORE, Touches.WORDS, f -> f.clearLower())
                                .invoke("iommu_flush_dte_sync of the cleared entry", UpdateDte::flushSync))
                .when(
                        "upper half before",
                        f -> f.order.get() == 0 || f.order.get() == LEVELS_CHANGE,
                        p -> p.step(
                                "write_dte_upper128 before", HostCost.TABLE_STORE, Touches.WORDS, f -> f.storeUpper()))
                .step("write_dte_lower128", HostCost.TABLE_STORE, Touches.WORDS, f -> f.storeLower())
                .when(
                        "upper half behind",
                        f -> f.order.get() == 1,
                        p -> p.step(
                                "write_dte_upper128 behind", HostCost.TABLE_STORE, Touches.WORDS, f -> f.storeUpper()))
                .invoke("iommu_flush_dte_sync", UpdateDte::flushSync)
                .build();
    }

    private void look() {
        long[] old = read();
        boolean had = Dte.GV.isSet(old[0]);
        boolean gets = Dte.GV.isSet(target[0]);
        if (!Dte.V.isSet(old[0]) || !had) {
            order.set(0);
        } else if (!gets) {
            order.set(1);
        } else {
            order.set(Dte.GUEST_PAGING_MODE.intIn(old) == Dte.GUEST_PAGING_MODE.intIn(target) ? 3 : LEVELS_CHANGE);
        }
        announce(old);
    }

    /** Tells checkers what the entry is about to become. */
    private void announce(long[] old) {
        long[] becomes = target.clone();
        becomes[2] = kept(old[2]);
        DteRewrite rewrite = new DteRewrite("DTE of " + dev.function().name(), old, becomes);
        iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.rewrites(address(), rewrite));
    }

    /** The third word: what belongs to interrupts stays. */
    private long kept(long old) {
        long mask = Dte.GUEST_PAGING_MODE.mask();
        return old & ~mask | target[2] & mask;
    }

    private void clearLower() {
        store(0, Dte.V.mask(), 0);
    }

    private void storeLower() {
        store(0, target[0], target[1]);
    }

    private void storeUpper() {
        store(HALF_WORDS, kept(iommu.memory().read64(address() + 8L * HALF_WORDS)), target[HALF_WORDS + 1]);
    }

    private void store(int first, long low, long high) {
        iommu.memory().write64(address() + 8L * first, low);
        iommu.memory().write64(address() + 8L * first + 8, high);
        stored();
    }

    /** One word of the lower half alone. */
    void storeWord(int word) {
        iommu.memory().write64(address() + 8L * word, target[word]);
        stored();
    }

    private void stored() {
        if (iommu.checkers().anybodyHears(DescriptorWatcher.class)) {
            long[] now = read();
            iommu.checkers().tell(DescriptorWatcher.class, watcher -> watcher.stored(address(), now));
        }
    }

    private long address() {
        return iommu.dte(dev.deviceId());
    }

    private long[] read() {
        return read(iommu.memory(), address());
    }

    /** Reads an entry. */
    static long[] read(PhysicalMemory memory, long address) {
        long[] entry = new long[Dte.WORDS];
        for (int i = 0; i < entry.length; i++) {
            entry[i] = memory.read64(address + 8L * i);
        }
        return entry;
    }

    private Call<?> flushSync() {
        return new Call<>(FLUSH_SYNC, new UpdateDte(dev, target));
    }

    private Call<?> flushDevice() {
        return IssueCommands.call(IssueCommands.DEVICE_FLUSH_DTE, iommu, () -> Flushes.device(dev));
    }

    private Call<?> invalidate() {
        return iommu.commands().queue(Cmd.invalidateDevtabEntry0(dev.deviceId()), 0);
    }

    private Call<?> awaitAll() {
        return iommu.commands().completionWait();
    }
}
