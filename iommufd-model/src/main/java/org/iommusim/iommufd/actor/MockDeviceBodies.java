package org.iommusim.iommufd.actor;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.selftest.MockEvent;
import org.iommusim.iommufd.selftest.MockMaster;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * What devices behind the mock IOMMU do when a host tells them to. The mock has no hardware that could: the interrupt thread
 * of its driver is the host's task. Devices behind other IOMMUs ask and report by themselves.
 */
final class MockDeviceBodies {
    private static final Footprint FIND = Footprint.of(PciSlot.SLOT, HostDevice.DEV_IOMMU);

    static final Program<Interrupt> PAGE_REQUEST = Program.<Interrupt>named("mock page request")
            .attempt("find device", HostCost.INTERRUPT_ENTRY, FIND, Interrupt::find)
            .invoke("iommu_report_device_fault", f -> f.device.require().reportPageRequest(f.request()))
            .build();

    private static final Program<Interrupt> REPORT_EVENT = Program.<Interrupt>named("mock device event")
            .attempt("find device", HostCost.INTERRUPT_ENTRY, FIND, Interrupt::find)
            .invoke(
                    "iommufd_viommu_report_event",
                    f -> MockEvent.report((MockMaster) f.device.require().master()))
            .build();

    private MockDeviceBodies() {}

    static Call<?> pageRequest(StepArguments step) {
        return new Call<>(PAGE_REQUEST, new Interrupt(step));
    }

    static Call<?> reportEvent(StepArguments step) {
        return new Call<>(REPORT_EVENT, new Interrupt(step));
    }

    /** Frame of both. */
    static final class Interrupt extends Frame {
        private final PciSlot slot;
        private final StepArguments step;
        private final RefCell<HostDevice> device = ref();

        Interrupt(StepArguments step) {
            super(step.actor().machine().simulation().world());
            this.step = step;
            slot = step.actor().machine().slot(step, "device");
        }

        /** Held by a driver that keeps removals out while it reports. */
        Lock removals() {
            return slot.rescanRemoveLock();
        }

        private int find() {
            VfioDevice present = slot.device().get();
            if (present == null) {
                return Errno.ENODEV;
            }
            if (!(present.device().master() instanceof MockMaster)) {
                throw step.problem("only a device behind a mock IOMMU does this when it is told to");
            }
            device.set(present.device());
            return 0;
        }

        private IommuFault request() {
            int flags = step.flag("more") ? 0 : IommuFault.LAST_PAGE;
            return new IommuFault(flags, 0, (int) step.number("group", 0), IommuFault.READ, step.number("address", 0));
        }
    }
}
