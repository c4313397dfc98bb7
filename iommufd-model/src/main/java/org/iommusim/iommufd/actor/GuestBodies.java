package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.TrappingGuest;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserDataArray;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.Ioctl;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** Programs of the verbs of {@link GuestVerbs}. */
final class GuestBodies {
    private static final Footprint TRAFFIC = Footprint.of(Variable.named("pci.traffic"));

    /** A change that ends with invalidation commands, which trap, and then with giving tables back. */
    private static final Program<Change> CHANGE = Program.<Change>named("guest IOMMU driver")
            .invoke("change tables", f -> f.change)
            .when(
                    "lazy",
                    f -> f.lazy,
                    b -> b.step("defer commands", HostCost.LOCAL, Footprint.of(GuestActor.VCPU), Change::defer))
            // The vCPU is stopped in the VMM until the physical IOMMU is done.
            .loop(
                    "commands trap",
                    Change::trapped,
                    b -> b.step("exit to the VMM", HostCost.INTERRUPT_ENTRY, Footprint.LOCAL, f -> {})
                            .invokeForAnswer("IOMMU_HWPT_INVALIDATE", Change::invalidate, Change::answered))
            // A guest does not see how its commands fared; it goes on.
            .invoke("give tables back", f -> f.after)
            .finish("answer", f -> f.error.get())
            .build();

    private static final Program<Device> BUS_MASTER = Program.<Device>named("write PCI command register")
            // Through the VMM's device file: only a bound device can be reached.
            .attempt(
                    "bus master",
                    HostCost.MMIO_WRITE,
                    Footprint.of(PciFunction.CONFIG_SPACE, VfioDevice.STATE),
                    Device::setBusMaster)
            .build();

    private static final Program<Traffic> START = Program.<Traffic>named("start traffic")
            .step("start", HostCost.MMIO_WRITE, TRAFFIC, f -> f.generator.start())
            .build();

    private static final Program<Traffic> STOP = Program.<Traffic>named("stop traffic")
            .step("stop", HostCost.MMIO_WRITE, TRAFFIC, f -> f.generator.stop())
            .await("quiet", TRAFFIC, f -> f.generator.idle(), WaitQueue.Sleep.UNINTERRUPTIBLE, f -> f.generator.quiet())
            .build();

    private static final Program<Traffic> WAIT = Program.<Traffic>named("wait for traffic")
            .await("done", TRAFFIC, f -> f.generator.idle(), WaitQueue.Sleep.UNINTERRUPTIBLE, f -> f.generator.done())
            .build();

    private GuestBodies() {}

    private static GuestActor guest(StepArguments step) {
        if (step.actor() instanceof GuestActor guest) {
            return guest;
        }
        throw step.problem("only a guest can do this");
    }

    /** The address space that a step names: a device, or one PASID of it. */
    private static GuestIommu space(StepArguments step, GuestIommu driver) {
        GuestIommu of = step.has("pasid") ? driver.withPasid(pasid(step)) : driver;
        if (of == null) {
            throw step.problem("this kind of IOMMU has no guest driver that does PASIDs");
        }
        return of;
    }

    private static int pasid(StepArguments step) {
        return (int) step.number("pasid", 0);
    }

    static Call<?> bindDriver(StepArguments step) {
        GuestActor guest = guest(step);
        GuestIommu iommu = space(step, guest.bindIommu(step));
        long virtualId = step.number("virt_id", 0);
        return step.flag("directory")
                ? guest.trappingIommu(step).attachThroughDirectory(virtualId)
                : iommu.attach(virtualId);
    }

    static Call<?> rebindDriver(StepArguments step) {
        Change frame = new Change(step);
        TrappingGuest iommu = frame.guest.trappingIommu(step);
        frame.change = iommu.replace(frame.virtualId, frame.commands);
        frame.after = iommu.freeReplaced(frame.virtualId);
        return new Call<>(CHANGE, frame);
    }

    static Call<?> map(StepArguments step) {
        int protection = PagingDomain.PROT_READ | (step.flag("readonly") ? 0 : PagingDomain.PROT_WRITE);
        return space(step, guest(step).iommu(step))
                .map(
                        step.number("virt_id", 0),
                        step.number("iova", 0),
                        step.number("gpa", 0),
                        step.number("bytes", 0),
                        protection);
    }

    static Call<?> unmap(StepArguments step) {
        Change frame = new Change(step);
        frame.change =
                frame.iommu.unmap(frame.virtualId, step.number("iova", 0), step.number("bytes", 0), frame.commands);
        frame.lazy = step.flag("lazy");
        return new Call<>(CHANGE, frame);
    }

    static Call<?> invalidate(StepArguments step) {
        Change frame = new Change(step);
        frame.flush = true;
        frame.commands.set(frame.guest.takeDeferred(frame.target));
        return new Call<>(CHANGE, frame);
    }

    static Call<?> unbindDriver(StepArguments step) {
        Change frame = new Change(step);
        frame.change = frame.iommu.detach(frame.virtualId, frame.commands);
        frame.after = frame.iommu.freeTables(frame.virtualId);
        return new Call<>(CHANGE, frame);
    }

    static Call<?> setBusMaster(StepArguments step) {
        return new Call<>(BUS_MASTER, new Device(step));
    }

    static Call<?> start(StepArguments step) {
        return new Call<>(START, new Traffic(step));
    }

    static Call<?> stop(StepArguments step) {
        return new Call<>(STOP, new Traffic(step));
    }

    static Call<?> waitDone(StepArguments step) {
        Traffic frame = new Traffic(step);
        if (frame.generator.spec().count() == 0) {
            throw step.problem("this traffic has no end: give it a count, or stop it");
        }
        return new Call<>(WAIT, frame);
    }

    private static final class Change extends Frame {
        private final GuestActor guest;
        private final GuestIommu iommu;
        private final long virtualId;
        private final int pasid;
        private final RefCell<UserData> commands = ref();
        private final RefCell<TrapTarget> target = ref();
        private final IntCell error = count();
        private @Nullable Call<?> change;
        private @Nullable Call<?> after;
        private boolean lazy;
        /** The commands are those that were kept. */
        private boolean flush;

        Change(StepArguments step) {
            super(step.actor().machine().simulation().world());
            guest = guest(step);
            iommu = space(step, guest.iommu(step));
            virtualId = step.number("virt_id", 0);
            pasid = pasid(step);
        }

        private void defer() {
            guest.defer(virtualId, pasid, commands.require());
            commands.set(null);
        }

        private boolean trapped() {
            UserData array = commands.get();
            if (!flush) {
                target.set(guest.trap(virtualId, pasid));
            }
            return array != null && array.length() > 0 && target.get() != null;
        }

        private Call<?> invalidate() {
            TrapTarget to = target.require();
            UserDataArray array = commands.require().array(iommu.invalidationEntryLength());
            return Ioctl.call(to.ctx(), HwptInvalidate.call(to.ctx(), to.id(), array));
        }

        /** The first error counts. */
        private void answered(int errno) {
            if (error.get() == 0) {
                error.set(errno);
            }
            commands.set(flush ? guest.takeDeferred(target) : null);
        }
    }

    private static final class Device extends Frame {
        private final @Nullable VfioDevice device;
        private final PciFunction function;
        private final boolean on;

        Device(StepArguments step) {
            super(step.actor().machine().simulation().world());
            var slot = step.actor().machine().slot(step, "device");
            device = slot.device().get();
            function = slot.function();
            on = !step.flag("off");
        }

        private int setBusMaster() {
            if (device == null || !device.isBound() || !function.present()) {
                return Errno.ENODEV;
            }
            function.setBusMaster(on);
            return 0;
        }
    }

    private static final class Traffic extends Frame {
        private final TrafficGenerator generator;

        Traffic(StepArguments step) {
            super(step.actor().machine().simulation().world());
            TrafficGenerator named = step.actor().machine().traffics().get(step.text("traffic", ""));
            if (named == null) {
                throw step.problem("no traffic is called '" + step.text("traffic", "") + "'");
            }
            generator = named;
        }
    }
}
