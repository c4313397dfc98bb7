package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.DeviceAttach;
import org.iommusim.iommufd.device.DeviceBind;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.IommuCore;
import org.iommusim.iommufd.device.IommuGroup;
import org.iommusim.iommufd.ioctl.IoctlFrame;
import org.iommusim.iommufd.ioctl.Ucmd;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_TEST_OP_MOCK_DOMAIN and IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS ({@code iommufd_test_mock_domain}): makes a device, binds it
 * to the context and attaches it. Errors in this order: EINVAL (dev_flags), those of binding, those of attaching, EFAULT.
 */
final class TestMockDomain extends IoctlFrame {
    private static final String NAME = "iommufd_test_mock_domain";
    private static final int FLAGS = MockMaster.NO_DIRTY | MockMaster.PASID;
    private static final Footprint SOBJ = Footprint.of(SelftestObject.IDEV);
    private static final Program<TestMockDomain> PROGRAM = program();

    private final MockDriver driver;
    private final int flags;
    private final RefCell<SelftestObject> sobj = ref();
    private final RefCell<Idev> idev = ref();
    private final RefCell<DeviceAttach> attach = ref();

    private TestMockDomain(MockDriver driver, Ucmd ucmd, int flags) {
        super(ucmd);
        this.driver = driver;
        this.flags = flags;
    }

    private static Program<TestMockDomain> program() {
        Program.Builder<TestMockDomain> b = Program.named(NAME);
        b.take(
                "iommufd_object_alloc",
                HostCost.ALLOCATE,
                ObjectPrograms.ENTRY,
                TestMockDomain::allocate,
                Undo.onFailureCall("iommufd_object_abort", f -> ObjectPrograms.abortAndDestroy(f.sobj())));
        b.check("mock_dev_create: dev_flags", f -> (f.flags & ~FLAGS) == 0, Errno.EINVAL);
        b.step("mock_dev_create", HostCost.ALLOCATE, SOBJ.and(MockDriver.DEVICES), TestMockDomain::createDevice);
        b.invoke(
                "iommu_mock_device_add",
                f -> IommuCore.probeDevice(f.sobj().device().require()));
        b.take(
                "device added",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall(
                        "mock_dev_destroy",
                        f -> IommuCore.releaseDevice(f.sobj().device().require())));
        b.invoke(
                "iommufd_device_bind",
                f -> DeviceBind.bind(f.ctx, f.sobj().device().require(), f.idev));
        b.take(
                "bound",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall("iommufd_device_unbind", f -> DeviceBind.unbind(f.idev.require())));
        b.step("sobj->idev.idev", SOBJ, f -> f.sobj().idev().set(f.idev.require()));
        b.invoke("iommufd_device_attach", TestMockDomain::attach);
        b.take(
                "attached",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall(
                        "iommufd_device_detach", f -> DeviceAttach.detach(f.idev.require(), DeviceAttach.NO_PASID)));
        respond(b, NAME);
        return finalizeObject(b, TestMockDomain::sobj).build();
    }

    /** Makes a device with these flags of {@link MockMaster}. */
    static Call<?> call(MockDriver driver, Ucmd ucmd, int flags) {
        return new Call<>(PROGRAM, new TestMockDomain(driver, ucmd, flags));
    }

    private SelftestObject sobj() {
        return sobj.require();
    }

    private int allocate() {
        SelftestObject made = new SelftestObject(ctx);
        int error = reserve(NAME, made);
        if (error == 0) {
            sobj.set(made);
        }
        return error;
    }

    /** Each mock device is a group of its own ({@code generic_device_group}). */
    private void createDevice() {
        String name = driver.nextName();
        IommuGroup group = new IommuGroup(ctx.kernel(), name + " group");
        sobj().device().set(new HostDevice(ctx.kernel(), name, r -> driver.createDevice(flags, r), driver, group));
    }

    private Call<?> attach() {
        Call<DeviceAttach> call = DeviceAttach.attach(idev.require(), DeviceAttach.NO_PASID, ucmd.id("id"));
        attach.set(call.frame());
        return call;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_hwpt_id", attach.require().ptId())
                .set("out_stdev_id", sobj().id())
                .set("out_idev_id", idev.require().id());
    }
}
