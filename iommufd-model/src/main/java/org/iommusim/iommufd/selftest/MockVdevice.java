package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.variant.Knob;

/**
 * {@code vdevice_init} and its counterpart. The kernel's mock has neither; by a knob it is given what drivers of real
 * hardware have: state in the device's IOMMU that lets the VM reach the device without the kernel (a replaced StreamID, a
 * trusted device's binding), and an initialisation that can fail.
 */
final class MockVdevice extends Frame {
    /** What the mock does for vDEVICEs. */
    static final Knob OPERATIONS =
            new Knob("mock.vdevice-operations", "vDEVICEs: 1 have hardware state, 2 cannot be initialised", 0);

    /** Value of {@link #OPERATIONS}: they work. */
    static final int STATE_ONLY = 1;
    /** Value of {@link #OPERATIONS}: vdevice_init fails. */
    static final int FAILING = 2;

    private static final Footprint STATE = Footprint.of(MockMaster.VDEVICE);

    private static final Program<MockVdevice> INIT = Program.<MockVdevice>named("mock_viommu_vdevice_init")
            .when(
                    "has vDEVICE operations",
                    MockVdevice::hasOperations,
                    b -> b.attempt("let the VM reach the device", HostCost.MMIO_WRITE, STATE, MockVdevice::connect))
            .build();

    private static final Program<MockVdevice> DESTROY = Program.<MockVdevice>named("mock_viommu_vdevice_destroy")
            .when(
                    "has vDEVICE operations",
                    MockVdevice::hasOperations,
                    b -> b.step(
                            "let the VM no longer reach the device", HostCost.MMIO_WRITE, STATE, f -> f.reached(false)))
            .build();

    private final MockViommu viommu;
    private final MockMaster master;
    private final long operations;

    private MockVdevice(MockViommu viommu, MockMaster master) {
        super(viommu.world());
        this.viommu = viommu;
        this.master = master;
        operations = ((MockDriver) master.driver()).vdeviceOperations();
    }

    /** Errors: EIO, if the knob says so. */
    static Call<?> init(MockViommu viommu, MockMaster master) {
        return new Call<>(INIT, new MockVdevice(viommu, master));
    }

    /** Takes the hardware's state back. */
    static Call<?> destroy(MockViommu viommu, MockMaster master) {
        return new Call<>(DESTROY, new MockVdevice(viommu, master));
    }

    private boolean hasOperations() {
        return operations != 0;
    }

    private int connect() {
        if (operations == FAILING) {
            return Errno.EIO;
        }
        reached(true);
        return 0;
    }

    private void reached(boolean now) {
        master.vdevice().set(now ? 1 : 0);
        viommu.core().reachedByVm(master, now);
    }
}
