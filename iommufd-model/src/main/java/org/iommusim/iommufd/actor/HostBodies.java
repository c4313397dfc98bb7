package org.iommusim.iommufd.actor;

import java.util.Optional;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/** Programs of the verbs of {@link HostVerbs}. */
final class HostBodies {
    private static final Program<Aborts> ABORT_ACCESSES = Program.<Aborts>named("bus aborts")
            .step("begin to abort", HostCost.FREE, Footprint.of(BusFaults.SEEN), Aborts::begin)
            .build();

    private HostBodies() {}

    static Call<?> plug(StepArguments step) {
        return Hotplug.plug(step.actor().machine().slot(step, "device"));
    }

    static Call<?> unplug(StepArguments step) {
        return Hotplug.unplug(step.actor().machine().slot(step, "device"));
    }

    static Call<?> abortAccesses(StepArguments step) {
        return new Call<>(ABORT_ACCESSES, new Aborts(step));
    }

    static Call<?> surpriseRemove(StepArguments step) {
        return Hotplug.surpriseRemove(step.actor().machine().slot(step, "device"));
    }

    /** Which accesses of an IOMMU the bus aborts. */
    private static final class Aborts extends Frame {
        private final BusFaults bus;
        private final boolean write;
        private final long skip;
        private final long times;
        private final long address;
        private final long bytes;

        Aborts(StepArguments step) {
            super(step.actor().machine().simulation().world());
            IommuDevice iommu = step.actor()
                    .machine()
                    .slot(step, "device")
                    .function()
                    .port()
                    .iommu();
            bus = Optional.ofNullable(iommu)
                    .flatMap(IommuDevice::busFaults)
                    .orElseThrow(() -> step.problem("the accesses of this device's IOMMU cannot be aborted"));
            write = step.text("access", "").equals("write");
            skip = step.number("skip", 0);
            times = step.number("times", 1);
            address = step.number("address", 0);
            bytes = step.number("bytes", Long.MAX_VALUE - address);
            if (times <= 0 || address < 0 || bytes <= 0 || bytes > Long.MAX_VALUE - address) {
                throw step.problem("nothing is to be aborted: give at least one time and one byte");
            }
        }

        private void begin() {
            bus.abort(address, bytes, !write, write, skip, times);
        }
    }
}
