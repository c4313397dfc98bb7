package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.GuestEntry;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.DestroyObject;
import org.iommusim.iommufd.ioctl.HwptAlloc;
import org.iommusim.iommufd.ioctl.Ioctl;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * What a VMM does when its guest's command says that a configuration entry has changed: it reads the entry as it is now and
 * attaches the device accordingly, to a new nested HWPT of the guest's tables, or to one that aborts or bypasses. Only then
 * does it let go of the nested HWPT that it had. It runs on the vCPU, whose guest waits for it; so does QEMU for an SMMUv3
 * ({@code smmuv3_accel_install_ste}).
 */
final class FollowEntry extends Frame {
    static final Program<FollowEntry> PROGRAM = Program.<FollowEntry>named("VMM: a guest's entry has changed")
            .step("exit to the VMM", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
            .step("read the entry", HostCost.LOCAL, GuestMemory.ACCESS.and(GuestActor.VCPU), FollowEntry::read)
            .branch(
                    "its tables translate",
                    Footprint.of(GuestActor.VCPU),
                    f -> f.says(GuestEntry.TRANSLATES),
                    p -> p.invoke("IOMMU_HWPT_ALLOC of its tables", FollowEntry::allocate)
                            .step("take its id", HostCost.FREE, Footprint.of(GuestActor.VCPU), FollowEntry::take))
            .invokeForAnswer("attach", FollowEntry::attach, (f, errno) -> f.error.set(errno))
            .branch(
                    "nobody uses the tables before",
                    Footprint.of(GuestActor.VCPU),
                    FollowEntry::leaves,
                    p -> p.invokeIgnoringError("IOMMU_DESTROY of what is not attached", FollowEntry::destroy))
            .step("remember", HostCost.FREE, Footprint.of(GuestActor.VCPU), FollowEntry::remember)
            .finish("answer", f -> f.error.get())
            .build();

    private final TrappedDevice device;
    /** What the entry said when it was read. */
    private final RefCell<GuestEntry> read = ref();
    /** What the VMM takes it for. */
    private final RefCell<GuestEntry> taken = ref();

    private final RefCell<HwptAlloc> allocation = ref();
    /** The new nested HWPT; 0: none. */
    private final LongCell made = num();

    private final IntCell error = count();

    private FollowEntry(TrappedDevice device) {
        super(device.ctx.kernel().world());
        this.device = device;
    }

    static Call<?> call(TrappedDevice device) {
        return new Call<>(PROGRAM, new FollowEntry(device));
    }

    boolean says(GuestEntry what) {
        return taken.get() == what;
    }

    /** Takes the entry for another one. */
    void takeFor(GuestEntry what) {
        taken.set(what);
    }

    /** The guest's driver comes up with its first device; until then the virtual IOMMU lets nothing pass. */
    private void read() {
        TrappingGuest guest = device.guest.trappingIommu();
        read.set(guest == null ? GuestEntry.UNREACHABLE : guest.entry(device.virtualId));
        taken.set(read.get());
    }

    private UserData words() {
        TrappingGuest guest = device.guest.trappingIommu();
        return guest == null ? UserData.NONE : guest.hwptData(device.virtualId);
    }

    private Call<?> allocate() {
        Call<HwptAlloc> call = HwptAlloc.call(device.ctx, 0, device.dev, device.viommu, words(), 0);
        allocation.set(call.frame());
        return Ioctl.call(device.ctx, call);
    }

    private void take() {
        made.set(allocation.require().outHwptId());
    }

    private Call<?> attach() {
        return attach(made.get() != 0 ? made.get() : says(GuestEntry.BYPASSES) ? device.bypass : device.abort);
    }

    private Call<?> attach(long hwpt) {
        return SystemCall.enteredIoctl(device.file, Vfio.attach(device.file, hwpt));
    }

    private long left() {
        return error.get() == 0 ? device.nested().get() : made.get();
    }

    private boolean leaves() {
        return left() != 0;
    }

    private Call<?> destroy() {
        return Ioctl.call(device.ctx, DestroyObject.call(device.ctx, left()));
    }

    private void remember() {
        if (error.get() == 0) {
            device.nested().set(made.get());
            device.done().set(read.get());
        }
    }
}
