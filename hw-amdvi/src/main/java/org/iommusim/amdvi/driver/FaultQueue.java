package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.FaultCore;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * {@code amd_iommu_iopf_add_device} and {@code amd_iommu_iopf_remove_device}: a device whose page requests are switched on is in
 * the fault queue as long as it has a domain with guest tables, whoever wants the requests. Page requests are reported by the
 * thread itself, so that {@code iopf_queue_flush_dev} has nothing to flush.
 */
final class FaultQueue extends Frame {
    private static final Footprint REQUESTS = Footprint.of(Touches.IOPF, Touches.DEVICE);
    static final Program<FaultQueue> ADD = Program.<FaultQueue>named("amd_iommu_iopf_add_device")
            .branch(
                    "pri_enabled",
                    REQUESTS,
                    f -> f.dev.priEnabled.get() != 0,
                    p -> p.invoke("iopf_queue_add_device", FaultQueue::add)
                            .step("dev_data->ppr = true", HostCost.ATOMIC, REQUESTS, f -> f.dev.ppr.set(1)))
            .build();
    static final Program<FaultQueue> REMOVE = Program.<FaultQueue>named("amd_iommu_iopf_remove_device")
            .branch(
                    "dev_data->ppr",
                    REQUESTS,
                    f -> f.dev.ppr.get() != 0,
                    p -> p.invoke("iopf_queue_remove_device", FaultQueue::remove)
                            .step("dev_data->ppr = false", HostCost.ATOMIC, REQUESTS, f -> f.dev.ppr.set(0)))
            .build();

    private final DevData dev;

    private FaultQueue(DevData dev) {
        super(dev.iommu().world());
        this.dev = dev;
    }

    static Call<?> call(Program<FaultQueue> program, DevData dev) {
        return new Call<>(program, new FaultQueue(dev));
    }

    private @Nullable Call<?> add() {
        FaultCore core = dev.faults();
        return core == null ? null : core.queueAddDevice(dev);
    }

    private @Nullable Call<?> remove() {
        FaultCore core = dev.faults();
        return core == null ? null : core.queueRemoveDevice(dev);
    }
}
