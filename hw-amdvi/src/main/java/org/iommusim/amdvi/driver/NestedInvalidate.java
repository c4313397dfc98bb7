package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.hw.queue.EntryList;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefCell;

/**
 * {@code cache_invalidate} of a vIOMMU, which Linux 7.3 does not have for this hardware: an array of a guest's commands. Its
 * domain ids become the host's, its device ids those of the vDEVICEs; what is not about guest tables is refused. The commands up
 * to the first one that is refused are carried out and waited for.
 */
final class NestedInvalidate extends Frame {
    /** The type that this model gives the commands, like that of the vIOMMU. */
    static final int DATA_TYPE = AmdViommu.TYPE;

    private static final Footprint LOOK_UP = Footprint.of(Touches.GDOMIDS, Touches.IOMMUFD, Touches.DEVICE);
    static final Program<NestedInvalidate> PROGRAM = Program.<NestedInvalidate>named("amd_viommu_cache_invalidate")
            .step("nothing done", HostCost.FREE, Footprint.LOCAL, f -> f.done.set(0))
            .attempt(
                    "iommu_copy_struct_from_full_user_array",
                    HostCost.USER_COPY,
                    UserMemory.ACCESS,
                    NestedInvalidate::copy)
            .loop(
                    "commands left",
                    f -> f.error.get() == 0 && f.cur.get() < f.array.entryNum(),
                    p -> p.lock("xa_lock viommu->vdevs", f -> f.viommu.core().vdevsLock())
                            .step("convert", HostCost.ATOMIC, LOOK_UP, NestedInvalidate::convert)
                            .undoNow("xa_lock viommu->vdevs"))
            .invoke("issue", NestedInvalidate::issue)
            .step("entries done", HostCost.FREE, Footprint.of(Touches.IOMMUFD), NestedInvalidate::carriedOut)
            .finish("answer", f -> f.error.get())
            .build();

    private final AmdViommu viommu;
    private final UserDataArray array;
    private final IntCell done;
    private final LongArrayCell words;
    private final RefCell<EntryList> converted = ref();
    /** Commands that were converted, or need not be issued. */
    private final IntCell cur = count();

    private final IntCell error = count();

    private NestedInvalidate(AmdViommu viommu, UserDataArray array, IntCell done) {
        super(viommu.iommu().world());
        this.viommu = viommu;
        this.array = array;
        this.done = done;
        int entries = Math.max(1, array.entryNum());
        words = new LongArrayCell(world(), FRAME, world().nextInstance(), Cmd.WORDS * entries);
        converted.set(new EntryList());
    }

    static Call<?> call(AmdViommu viommu, UserDataArray array, IntCell done) {
        return new Call<>(PROGRAM, new NestedInvalidate(viommu, array, done));
    }

    private int copy() {
        byte[] commands = new byte[Cmd.BYTES * array.entryNum()];
        int errno = array.copyAll(commands, DATA_TYPE, Cmd.BYTES);
        for (int i = 0; i < commands.length / 8 && errno == 0; i++) {
            words.set(i, UserData.word(commands, 8 * i));
        }
        return errno;
    }

    private void convert() {
        long w0 = words.get(Cmd.WORDS * cur.get());
        long w1 = words.get(Cmd.WORDS * cur.get() + 1);
        if (Cmd.opcode(w0) == Cmd.INVALIDATE_IOMMU_PAGES && Cmd.GN.isSet(w1)) {
            pages(w0, w1);
        } else if (Cmd.opcode(w0) == Cmd.INVALIDATE_IOTLB_PAGES) {
            iotlb(w0, w1);
        } else {
            error.set(Errno.EIO);
        }
    }

    /** A domain id that no nested domain has tags nothing. */
    private void pages(long w0, long w1) {
        GuestDomainId id = GuestDomainId.find(viommu.guestIds.get(), Cmd.DOMAIN_ID.getInt(w0));
        if (id != null) {
            long flags = Cmd.GN.mask() | Cmd.PDE.inPlace(w1);
            add(Cmd.invalidateIommuPages0(id.hostId(), Cmd.PASID.getInt(w0)), range(w1) | flags);
        }
        cur.add(1);
    }

    /** A device whose own TLB is off has nothing to invalidate there, which its guest need not know. */
    private void iotlb(long w0, long w1) {
        if (!(viommu.core().findDevice(Cmd.DEVICE_ID.get(w0)) instanceof DevData dev)) {
            error.set(Errno.EIO);
            return;
        }
        if (dev.atsEnabled()) {
            int id = dev.deviceId();
            boolean guest = Cmd.GN.isSet(w1);
            int pasid = guest ? Cmd.iotlbPasid(w0) : 0;
            long command = Cmd.invalidateIotlbPages0(id, id, dev.function().atsQueueDepth(), pasid);
            add(command, range(w1) | Cmd.GN.inPlace(w1));
        }
        cur.add(1);
    }

    private static long range(long w1) {
        return Cmd.ADDRESS.inPlace(w1) | Cmd.S.inPlace(w1);
    }

    /** A list is not changed once it is in a cell. */
    private void add(long w0, long w1) {
        EntryList old = converted.require();
        converted.set(old.batch(0, old.count()).add(w0, w1));
    }

    private Call<?> issue() {
        return IssueCommands.call(IssueCommands.FLUSH_GUEST, viommu.iommu(), () -> {
            viommu.core().issuing();
            return converted.require();
        });
    }

    private void carriedOut() {
        done.set(cur.get());
        viommu.core().carriedOut(cur.get());
    }
}
